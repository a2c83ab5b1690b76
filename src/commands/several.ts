import { UserError } from '../engine/errors.js';
import type { Subject } from './command.js';
import { isCalled } from './compounds.js';
import { isNumber, itemIndex, leadingItem, namesItem } from './items.js';

/** More items than this in one breath are prose. */
const MOST = 12;

/**
 * The items of "3", "3 and 4", "the hat, 2 & the dog", "both cars", each once, in the order they were said.
 * @throws UserError as `itemIndex`
 */
export function itemIndices(written: string, subject: Subject): number[] {
  if (namesItem(written, subject)) return [itemIndex(written, subject)];
  const names = written.split(JOINT);
  if (names.length > MOST)
    throw new UserError(`those are too many items: name at most ${MOST}, for example "cut out 2 and 3"`);
  const all = names.flatMap((name) => {
    const plain = name.replace(/^(?:both|items?) /i, '');
    return pluralOf(name, subject) ?? itemIndex(plain, subject);
  });
  return [...new Set(all)];
}

const JOINT = /,? and |, ?| ?& ?| ?\+ ?/i;
const DETERMINED = /^(?:(?:the|my|those|these|her|his|their) )?(?:(?:two|other) )?/;
const QUANTITY = /^(both|all|every|each)(?: of)? (.+)$/i;
const IRREGULAR: Record<string, string> = {
  ...{
    people: 'person',
    persons: 'person',
    folks: 'person',
    guys: 'person',
    everyone: 'person',
    everybody: 'person',
  },
  ...{
    men: 'man',
    women: 'woman',
    children: 'child',
    mice: 'mouse',
    geese: 'goose',
    leaves: 'leaf',
    knives: 'knife',
  },
};

/** The items that "the cars", "both plates" or "every car" are; undefined where that is not more than one. */
export function pluralOf(written: string, subject: Subject): number[] | undefined {
  const said = written.trim().toLowerCase();
  const [, quantity, rest = said] = QUANTITY.exec(said) ?? [];
  const words = rest.replace(DETERMINED, '').split(' ');
  const last = words.pop()!;
  const forms = [
    IRREGULAR[last] ?? last,
    last.replace(/s$/, ''),
    last.replace(/es$/, ''),
    last.replace(/ies$/, 'y'),
  ].filter((form) => form !== last);
  const single = quantity ? [last, ...forms] : forms;
  // "the brown ones" are whatever is brown, and no ground
  const anything = words.length > 0 && /^(?:ones|items|things|objects)$/.test(last);
  const found = subject.items.flatMap(({ name }, i) => {
    const called = name.toLowerCase();
    const isKind = anything ? !called.endsWith('background') : single.some((form) => isCalled(called, form));
    return isKind && words.every((word) => isCalled(called, word)) ? [i] : [];
  });
  if (found.length < 2 || namesItem(written, subject)) return undefined;
  return /^both$/.test(quantity ?? '') && found.length !== 2 ? undefined : found;
}

/**
 * The names that a text begins with, where they are more than one and not all of them numbers, and what comes after
 * them: "the hat and the bag red", "both cars left".
 */
export function listedNames(
  text: string,
  subject: Subject,
): { readonly names: readonly string[]; readonly after: string } | undefined {
  const names: string[] = [];
  let [rest, after] = [text.replace(/^both (?=.{1,60} and )/i, ''), ''];
  while (names.length <= MOST) {
    const first = leadingNames(rest, subject);
    if (!first) break;
    names.push(...first.names);
    after = rest.slice(first.length);
    const joint = NEXT.exec(after)?.[0];
    if (joint === undefined) break;
    rest = after.slice(joint.length);
  }
  const all = [...new Set(names)];
  const plain = all.length < 2 || all.length > MOST || all.every((name) => isNumber(name));
  return plain ? undefined : { names: all, after };
}

const NEXT = /^(?:,? and |, ?| ?& ?| ?\+ ?)/i;

/** The item, or the items in the plural, that a text begins with; "a cat" is another one. */
function leadingNames(
  text: string,
  subject: Subject,
): { readonly names: readonly string[]; readonly length: number } | undefined {
  if (/^(?:an?|some) /i.test(text)) return undefined;
  const name = leadingItem(text, subject);
  if (name !== undefined) return { names: [name], length: name.length };
  const words = text.split(' ', LONGEST_PLURAL);
  for (let n = words.length; n >= 1; n--) {
    const phrase = words.slice(0, n).join(' ').replace(/,$/, '');
    const items = pluralOf(phrase, subject);
    if (items) return { names: items.map((item) => nameOf(item, subject)), length: phrase.length };
  }
  return undefined;
}

/** Words of "all of the red cars". */
const LONGEST_PLURAL = 5;

/** How an item is called where no other may be meant. */
function nameOf(item: number, subject: Subject): string {
  const { name } = subject.items[item]!;
  return namesItem(name, subject) && itemIndex(name, subject) === item ? `the ${name}` : String(item + 1);
}

/** The ground: the item that is called so, or else the first, which is what lies behind the others. */
export function ground(subject: Subject): number {
  return namesItem('background', subject) ? itemIndex('background', subject) : 0;
}

/** What the ground is called. */
export const GROUND = /^(?:(?:the|its|my|all|this) )*(?:back ?ground|bg|backdrop|surroundings)$/i;

const WHOLE = '(?:picture|image|photo|pic|photograph|scene|thing|shot)';
/** All of the picture at once. */
export const PICTURE = new RegExp(
  `^(?:everything|all of it|it all|(?:(?:the|this|my|that) )?(?:(?:whole|entire|full|complete) )?${WHOLE})$`,
  'i',
);
