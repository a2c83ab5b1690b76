import { isDeepStrictEqual } from 'node:util';
import type { ItemSource } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import type { Reference, Subject } from './command.js';
import { itemIndex, namesItem, shortened, splitAfterItem, UnclearItem } from './items.js';

/** "B2", "reference B 2"; A is the picture itself, and what comes after I is an ordinary letter. */
const NUMBERED = /^(?:the )?(?:(?:item|reference|picture|image|photo) )?([B-I]) ?[-#]? ?(\d{1,3})$/i;
/** "the hat in B", "item 2 of the reference", "the one from the other picture". */
const NAMED =
  /^(.+?) (?:in|of|from|on|out of) (?:(?:the )?(?:reference|other|second|new)(?: (?:picture|image|photo|one))?(?: (?<letter>[B-I]))?|(?:(?:picture|image|photo) )?(?<bare>[B-I]))$/i;
/** What stands for "a thing like the one that is replaced". */
const ONE = /^(?:the|that|this) one$|^(?:it|that|this)$/i;

/**
 * The item of a reference picture that the words name; undefined when they name none.
 * @param like what the item that is replaced is called: "the one in B" is the one of that name
 * @throws UserError when the picture or the item is not there
 */
export function sourceNamed(
  written: string,
  subject: Subject,
  like?: string,
): (ItemSource & { readonly picture: string }) | undefined {
  const words = written.trim();
  const [, letter, number] = NUMBERED.exec(words) ?? [];
  if (letter) return itemOf(referenceAt(letter, subject), number!, words);
  const found = NAMED.exec(words);
  if (!found) return undefined;
  const { letter: said, bare } = found.groups!;
  const what = found[1]!;
  // "a cat in B" is a cat, unless there is a picture B
  if (bare && !ONE.test(what) && !isThere(bare, subject)) return undefined;
  if (!said && !bare && (subject.references ?? []).length === 0) throw new UserError(NONE);
  const reference = said || bare ? referenceAt((said ?? bare)!, subject) : onlyOne(subject);
  return ONE.test(what) ? theOneIn(reference, like) : itemOf(reference, what, words);
}

/** "the crown", where nothing here and one thing in the reference pictures is called so. */
export function thereOnly(
  written: string,
  subject: Subject,
): (ItemSource & { readonly picture: string }) | undefined {
  const name = /^(?:the|that) (.{2,40})$/i.exec(written.trim())?.[1];
  if (name === undefined || namesItem(name, subject)) return undefined;
  const found = (subject.references ?? []).flatMap(({ letter, items = [] }) => {
    const there = { width: 1, height: 1, items };
    return namesItem(name, there) ? [{ picture: letter, item: itemIndex(name, there) }] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** Words of the longest name of an item of a reference that is looked for. */
const LONGEST_NAME = 8;

/** What a text begins with and what comes after: an item of this picture or of a reference, undefined when it is none. */
function startingWith(text: string, subject: Subject): { source: ItemSource; words: string } | undefined {
  const words = text.split(' ');
  for (let n = Math.min(words.length, LONGEST_NAME); n >= 1; n--) {
    const [name, rest] = [words.slice(0, n).join(' ').replace(/,$/, ''), words.slice(n).join(' ')];
    if (namesItem(name, subject)) return { source: { item: itemIndex(name, subject) }, words: rest };
    if (NUMBERED.test(name)) return { source: sourceNamed(name, subject)!, words: rest };
    if (NAMED.test(name)) {
      const source = unlessRefused(() => sourceNamed(name, subject));
      if (source) return { source, words: rest };
    }
  }
  return undefined;
}

/** "the hat on a beach in B" is no item of B: what comes after "the hat" is another matter. */
function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** The items that "3, the hat and B1" names, each once. @throws UserError as `sourceNamed` and `itemIndex` */
export function sourcesNamed(written: string, subject: Subject): ItemSource[] {
  const all = written
    .split(new RegExp(JOINT, 'gi'))
    .map((name) => sourceNamed(name, subject) ?? { item: itemIndex(name, subject) });
  return all.filter((one, i) => all.findIndex((other) => isDeepStrictEqual(one, other)) === i);
}

const JOINT = /(?: ?,)? (?:and|with) | ?[,&+] ?/i;

/**
 * "3, the hat and B1 on a beach": the items, of this picture or of references, that a text begins with, each once, and the
 * words after them.
 * @throws UserError when it begins with none that is there
 */
export function splitAfterSources(
  text: string,
  subject: Subject,
): { sources: readonly ItemSource[]; words: string } {
  const sources: ItemSource[] = [];
  for (let rest = text; ;) {
    const { index, 0: joint = '' } = JOINT.exec(rest) ?? {};
    const first = index === undefined ? undefined : startingWith(rest.slice(0, index), subject);
    const after = rest.slice((index ?? 0) + joint.length);
    const goesOn = first?.words === '' && startingWith(after, subject) !== undefined;
    const found = goesOn ? first : startingWith(rest, subject);
    if (!found) {
      const { item, words } = splitAfterItem(rest, subject);
      return { sources: [{ item: itemIndex(item, subject) }], words };
    }
    if (!sources.some((one) => isDeepStrictEqual(one, found.source))) sources.push(found.source);
    if (!goesOn) return { sources, words: found.words };
    rest = after;
  }
}

const NONE =
  'there is no reference picture yet: send one in this thread, then say for example "replace 2 with B2"';

const isThere = (letter: string, { references = [] }: Subject): boolean =>
  references.some((reference) => reference.letter === letter.toUpperCase());

function referenceAt(said: string, { references = [] }: Subject): Reference {
  const letter = said.toUpperCase();
  const found = references.find((reference) => reference.letter === letter);
  if (found) return ready(found);
  if (references.length === 0) throw new UserError(NONE);
  const known = references.map((reference) => reference.letter).join(', ');
  throw new UserError(
    `there is no reference picture ${letter}, only ${known}: send one more in this thread, or say its number (${listed(references[0]!)})`,
  );
}

function onlyOne({ references = [] }: Subject): Reference {
  const [first, ...more] = references;
  if (more.length === 0) return ready(first!);
  const { letter } = references.at(-1)!;
  throw new UserError(
    `there are ${references.length} reference pictures: say which, for example "replace 2 with ${letter}2"`,
  );
}

function ready(reference: Reference): Reference {
  if (reference.items) return reference;
  throw new UserError(
    `reference ${reference.letter} is still being cut: say it again when its numbers are shown`,
  );
}

/** "the one in B": the thing of that name, or the only thing there is besides the ground. */
function theOneIn(reference: Reference, like: string | undefined): ItemSource & { picture: string } {
  const items = reference.items!;
  const alike = items.flatMap(({ name }, item) => (name === like ? [item] : []));
  if (alike.length === 1) return { picture: reference.letter, item: alike[0]! };
  if (items.length === 2) return { picture: reference.letter, item: 1 };
  throw new UserError(`which one in ${reference.letter}? say its number (${listed(reference)})`);
}

function itemOf(reference: Reference, what: string, written: string): ItemSource & { picture: string } {
  const items = reference.items!;
  const { letter } = reference;
  if (items.length < 2 && what !== '1')
    throw new UserError(
      `reference ${letter} has no items, I see only a ground in it: "replace 1 with ${letter}1" takes that, or send a picture with a thing on it`,
    );
  try {
    return { picture: letter, item: itemIndex(what, { width: 1, height: 1, items }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const wanted = shortened(what.replace(/^(?:the|a|an|my|that|this) /i, ''), 40);
    const called = /^\d+$/.test(wanted) ? `${letter}${wanted}` : `"${wanted}" in ${letter}`;
    throw new UnclearItem(`there is no ${called}: say its number (${listed(reference)})`, written);
  }
}

const listed = ({ letter, items = [] }: Reference): string =>
  items.map(({ name }, i) => `${letter}${i + 1} ${name}`).join(', ');
