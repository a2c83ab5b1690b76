/** What is said of several items at once, or of "it", as one sentence each. */
import { VAGUE } from './amounts.js';
import { begins, few, isAlone, MOST, VERBS } from './begins.js';
import { blend } from './blend.js';
import type { Subject } from './command.js';
import { COUNT, counted, TIMES, timesOf } from './counts.js';
import { cutOut } from './cutOut.js';
import { GLANCE } from './elide.js';
import { imagine } from './imagine.js';
import { leadingItem, meant, NUMBER } from './items.js';
import { keepOnly } from './keepOnly.js';
import { isLook, isThing } from './looks.js';
import { merge } from './merge.js';
import { normalise } from './normalise.js';
import { rename } from './rename.js';
import { replace } from './replace.js';
import { add, select } from './select.js';
import { listedNames, pluralOf } from './several.js';
import { verbMeant } from './spelling.js';
import { swap } from './swap.js';

/** A picture without items. */
export const NOTHING: Subject = { width: 1, height: 1, items: [] };

const NUMBERED = new RegExp(`^(?:\\w+ )?(${NUMBER})\\b`, 'i');

/** "replace 3 with a cat and make it red": it is what was spoken of before. */
export function referring(parts: readonly string[], subject: Subject): string[] {
  let last: string | undefined;
  const all = parts.map((part, i) => {
    const said = last !== undefined && !isAlone(normalise(part)) ? withName(part, last) : part;
    if (i === parts.length - 1) return said;
    const text = normalise(said);
    last = NUMBERED.exec(text)?.[1] ?? itemIn(text, subject) ?? last;
    return said;
  });
  return all.filter((said, i) => !(all[i + 1] !== parts[i + 1] && isWhy(normalise(said), all[i + 1]!)));
}

/** "the dog looks sad, make it happy", "the dog is too small, make it twice as big": why it is wanted, and no wish of its own. */
const REASON_FIRST =
  /^(?:(?:since|because|as) )?(?:(?:the|my|that|this|her|his) .{1,40}?(?: is| are| looks?| seems?|'s)|i (?:really )?(?:don't like|dont like|do not like|hate)) .{1,40}$/i;
const ALIKE = [
  /\b(?:big|bigger|large|larger|small|smaller|tiny|huge|size|resize|shrink|enlarge|scale|twice|half)\b/i,
  /\b(?:dark|darker|darken|bright|brighter|brighten|light|lighter|lighten|dim)\b/i,
];

const isWhy = (text: string, wish: string): boolean =>
  text.length <= GLANCE &&
  REASON_FIRST.test(text) &&
  (!/ too \p{L}+$/iu.test(text) || ALIKE.some((words) => words.test(text) && words.test(wish)));

const IT = /^(\w+) (?:it|that|this|him|her|them)(?= |$)/i;

/** "make it red", also where somebody is polite: "could you make it red". */
function withName(part: string, name: string): string {
  if (!IT.test(part) && part.length > GLANCE) return part;
  const wish = IT.test(part) ? part : normalise(part);
  return IT.test(wish) ? wish.replace(IT, `$1 ${name}`) : part;
}

/** Words before an item: "get rid of the hat", "cut the car out". */
const BEFORE_ITEM = 3;

function itemIn(text: string, subject: Subject): string | undefined {
  const words = text.split(' ', 12);
  for (let n = 1; n <= BEFORE_ITEM && n < words.length; n++) {
    const name = leadingItem(words.slice(n).join(' '), subject);
    if (name !== undefined) return name;
  }
  return guessed(words.slice(1).join(' '), subject);
}

/** "the bag" at the beginning, where an item is called a handbag. */
function guessed(text: string, subject: Subject): string | undefined {
  const name = /^(?:the|my|her|his) \p{L}{3,}(?= |$)/iu.exec(text)?.[0];
  return name !== undefined && meant(name, subject) !== undefined ? name : undefined;
}

const NUMBERS = '#?\\d+(?:(?:,? and | ?, ?| ?& ?| ?\\+ ?)(?:item )?#?\\d+)+|#?\\d ?- ?\\d';
const SEVERAL = new RegExp(`^(\\D*?)(?:both )?(?:(?:items?|numbers?) )?(${NUMBERS})(?=$|[^\\d%.])(.*)$`, 'i');
const ITEM_WORDS = /^(?:(?:the|my) .+|(?:items? |number )?#?\d+|\S+)$/i;
/** Commands that take two items, or a number that is no item. */
const TOGETHER = new Set([swap, blend, keepOnly, cutOut, imagine].flatMap(({ verbs = [] }) => verbs));
const STEPS = new RegExp(
  `^(undo|go back|redo)(?: it)? (?:(${TIMES})|(?:the last )?(${COUNT}) (?:steps|changes|edits)|the last (${COUNT}))$`,
  'i',
);

/** "remove 2 and 3" as "remove 2" and "remove 3", "undo twice" as "undo" and "undo". */
export function spread(part: string, subject: Subject): string[] {
  const text = normalise(part);
  const [, step, times, ...count] = STEPS.exec(text) ?? [];
  if (step) {
    const often = times ? timesOf(times) : counted(count.find(Boolean)!);
    return [...few(Array<string>(Math.min(often, MOST + 1)).fill(step))];
  }
  const [, before = '', list, after = ''] = SEVERAL.exec(joined(text)) ?? [];
  const verb = verbMeant(before.trim().toLowerCase(), VERBS);
  const numbers = numbersOf(list ?? '');
  // of "merge 2-4" the command is to see each number
  if (verb && merge.verbs!.includes(verb))
    return [list?.includes('-') ? `${before}${numbers.join(', ')}${after}` : part];
  const [, into] = /^ (?:with|by|to|into) (.+)$/i.exec(after) ?? [];
  // several replacements are one sampling: see replace.ts
  if (verb && into && replace.verbs!.includes(verb) && !isLook(into))
    return [jointly(before, numbers, after)];
  if (verb ? !TOGETHER.has(verb) : before === '' && begins(`${numbers[0]}${after}`))
    return few(numbers).map((n) => `${before}${n}${after}`);
  return (
    (text.length <= GLANCE ? people(text, subject) : undefined) ??
    eachLook(text, subject) ??
    byName(text, subject) ??
    allAre(text, subject) ??
    removals(text) ?? [part]
  );
}

/** "remove 2 3 and 4" with commas. */
const joined = (text: string): string =>
  text.replace(
    /^(\w+ )([1-9](?: [1-9])+)(?=(?:,? and |, ?)[1-9]$)/,
    (_, verb: string, list: string) => verb + list.replaceAll(' ', ', '),
  );

/** "remove everyone but the left person", "delete all people": of the people, the others. */
function people(text: string, subject: Subject): string[] | undefined {
  const [, verb = '', but] = PEOPLE.exec(text) ?? [];
  const all = verb
    ? subject.items.flatMap(({ name }, i) =>
        /(?:^| )(?:person|man|woman|child|boy|girl)$/i.test(name) ? [i] : [],
      )
    : [];
  if (all.length === 0) return undefined;
  const kept = but === undefined ? [] : but.split(/,? and |, ?/i).map((name) => meant(name, subject));
  if (kept.includes(undefined)) return [text];
  const gone = all.filter((item) => !kept.includes(item));
  return gone.length > 0 ? gone.map((item) => `${verb} ${item + 1}`) : undefined;
}
const PEOPLE =
  /^(remove|delete|erase|get rid of|blur(?: out)?|hide) (?:everyone|everybody|(?:all (?:of )?)?(?:the )?people)(?: (?:in (?:the|this) (?:picture|photo|image)))?(?: (?:but|except(?: for)?|besides|other than|apart from) (.{1,40}))?$/i;

/** "the cups are too small", "both cars should be red": of each of them. */
function allAre(text: string, subject: Subject): string[] | undefined {
  const [, who = '', what] = /^(.{3,40}?) ((?:are|look|should|must|need to) .+)$/i.exec(text) ?? [];
  const items = what && pluralOf(who, subject);
  return items
    ? items.map((item) => `${item + 1} ${what.replace(/^are /i, 'is ').replace(/^look /i, 'looks ')}`)
    : undefined;
}

/** "replace 2 with a cat and 3 with a cat" */
const jointly = (before: string, items: readonly (string | number)[], after: string): string =>
  `${before}${few(items)
    .map((item) => `${item}${after}`)
    .join(' and ')}`;

/** A verb, or two or three words that are one, and what comes after it. */
const VERB =
  /^(get rid of|take (?:out|away|off)|throw (?:out|away)|cut out|keep only|only keep|crop to|\S+) (.+)$/i;
/** After these verbs comes no item, or what it is to be called. */
const NO_LIST = new Set([rename, select, add].flatMap(({ verbs = [] }) => verbs));

const ONE = / (?:one(?: item)?|(?:change|swap|switch|trade|exchange) (?:places|positions|spots|sides))$/i;

/** "remove the hat and the bag", "blur both cars": one by one, or with their names where they are wanted together. */
function byName(text: string, subject: Subject): string[] | undefined {
  const [, said = '', rest = ''] = VERB.exec(text) ?? [];
  const verb = said.includes(' ') ? said.toLowerCase() : verbMeant(said.toLowerCase(), VERBS);
  // "make the cat and the hat one" merges them
  if (!verb || NO_LIST.has(verb) || (verb === 'make' && ONE.test(rest))) return undefined;
  const { names, after } = listedNames(rest, subject) ?? {};
  if (!names || after === undefined) return undefined;
  const isOne =
    TOGETHER.has(verb) ||
    merge.verbs!.includes(verb) ||
    /^(?:keep only|only keep|cut out|crop(?: to)?)$/.test(verb);
  if (isOne) return [`${said} ${names.join(' and ')}${after}`];
  const [, into] = /^ (?:with|by|to|into|for) (.+)$/i.exec(after) ?? [];
  const isOneSampling = (replace.verbs!.includes(verb) || verb === 'swap') && into && !isLook(into);
  if (isOneSampling) return [jointly(`${said} `, names, after)];
  return few(names).map((name) => `${said} ${name}${after}`);
}

const LOOK_VERB = /^(make|paint|colou?r|turn|dye|tint) (.+)$/i;
const SIZE = new RegExp(`^(?:${VAGUE} )?(?:bigger|larger|smaller|taller|tinier|huge|tiny|big|small)$`, 'i');

/** "make the cup blue and the hat red", "make the cup dark blue and bigger": one look after the other. */
function eachLook(text: string, subject: Subject): string[] | undefined {
  const [, verb, rest = ''] = LOOK_VERB.exec(text) ?? [];
  if (!verb) return undefined;
  let items: readonly string[] = [];
  let pieces = 0;
  let held: readonly string[] = [];
  const said: string[] = [];
  for (const piece of rest.split(/,? (?:and|but) (?:also )?|, /i)) {
    const several = listedNames(piece, subject);
    const named = several
      ? piece.slice(0, piece.length - several.after.length)
      : (leadingItem(piece, subject) ?? guessed(piece, subject));
    const words = named === undefined ? piece : piece.slice(named.length + 1);
    // "make the bag and the dog red and the hat blue"
    if (named !== undefined && !several && words === '') {
      held = [...held, named];
      continue;
    }
    items = [
      ...held,
      ...(several?.names ?? (named === undefined ? (held.length > 0 ? [] : items) : [named])),
    ];
    held = [];
    if (items.length === 0 || !(isLook(words) || SIZE.test(words) || (named && isThing(words))))
      return undefined;
    said.push(...items.map((item) => `${verb} ${item} ${words}`));
    pieces++;
  }
  // "black and white" is one
  const first = leadingItem(rest, subject);
  return pieces < 2 || held.length > 0 || (first && isLook(rest.slice(first.length + 1))) ? undefined : said;
}

/** "remove the cat and the dog"; with other verbs what comes after "and" may be anything. */
function removals(text: string): string[] | undefined {
  const [, verb, rest = ''] = /^(remove|delete|erase|get rid of) (?:both )?(.+)$/i.exec(text) ?? [];
  const names = rest.split(/,? and |, ?| & /i);
  return verb && names.length > 1 && names.every((name) => ITEM_WORDS.test(name))
    ? names.map((name) => `${verb} ${name}`)
    : undefined;
}

function numbersOf(list: string): number[] {
  const numbers = [...new Set((list.match(/\d+/g) ?? []).map(Number))];
  if (!/^#?\d ?- ?\d$/.test(list)) return numbers;
  const [from, to] = [Math.min(...numbers), Math.max(...numbers)];
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}
