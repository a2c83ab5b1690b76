import { UserError } from '../engine/errors.js';
import { blend } from './blend.js';
import { alone, onItems } from './list.js';
import { cutOut } from './cutOut.js';
import { imagine } from './imagine.js';
import { NUMBER } from './items.js';
import { keepOnly } from './keepOnly.js';
import { merge } from './merge.js';
import { isLook } from './looks.js';
import { normalise } from './normalise.js';
import { replace } from './replace.js';
import { settings } from './settings.js';
import { verbMeant } from './spelling.js';
import { swap } from './swap.js';
import { captioned, wantedItems } from './wanted.js';

/** More in one message is a mistake or mischief. */
const MOST = 10;
/** Places where a sentence might end that are looked at; what comes after so many is one prompt. */
const MOST_JOINTS = 64;
/** What begins a sentence, or is all of a short one, is found in so many characters. */
const GLANCE = 100;

/** Here one command ends in any case. */
const HARD = /[;\n]+/;
const SETTING = settings.map(({ name }) => name).join('|');
/** Here one may end: if what follows begins another. A comma or "and" inside a prompt is no such place. */
const SOFT = new RegExp(
  [
    '(?<![.!?])[.!?]+\\s+',
    ',?\\s+(?:and\\s+)?(?:then|after that|afterwards|finally)[,\\s]+',
    ',\\s*(?:(?:and|also|plus|but)\\s+)*',
    '\\s+(?:(?:and|&|\\+|plus|also|but)\\s+)+',
    `\\s+(?:(?:with|using|at)\\s+)?(?=(?:${SETTING})[\\s:=]+[\\d.])`,
  ].join('|'),
  'gi',
);
const THEN = /\b(?:then|after that|afterwards|finally)\b/i;

/** First words of commands that name an item. */
const VERBS = onItems.flatMap(({ name, verbs = [name] }) => verbs).concat('get rid of');
const COUNTED = 'one|two|three|four|five|six|seven|eight|nine|first|second|third|last';
const REFERENCE = `(?:${NUMBER}|(?:item|number|the|my|it|them|that|this)\\b|(?:${COUNTED})$)`;
const AFTER_VERB = new RegExp(`^${REFERENCE}`, 'i');
const BARE_ITEM = new RegExp(`^${NUMBER} (?:->|should |to be |\\p{Extended_Pictographic})`, 'iu');

/** Whether the words begin a command of their own. */
function begins(part: string): boolean {
  const text = normalise(part);
  if (
    BARE_ITEM.test(text) ||
    /^(?:put|place|add|insert|paste) [B-I]\d/i.test(text) ||
    /^get rid of |^(?:use|pick|choose) (?:picture |number )?#?\d+$/i.test(text) ||
    isAlone(text)
  )
    return true;
  const [, first = '', rest = ''] = /^(\S+) (.+)$/.exec(text) ?? [];
  return AFTER_VERB.test(rest) && verbMeant(first.toLowerCase(), VERBS) !== undefined;
}

function isAlone(text: string): boolean {
  if (text.length > GLANCE) return false;
  try {
    return alone.some((command) => command.parse(text, NOTHING) !== undefined);
  } catch {
    return true; // that command, with a number out of range
  }
}
const NOTHING = { width: 1, height: 1, items: [] };

/**
 * The commands of one message, as written; those that were said of several items at once, or of "it", one by one.
 * @throws UserError when there are more than anybody means
 */
export function sentences(message: string): string[] {
  const lines = message
    .replace(/\p{Surrogate}|(?!\n)\p{Cc}/gu, ' ')
    .replace(/[^\S\n]{2,}/g, ' ')
    .split(HARD)
    .filter((line) => SAYS.test(line));
  const said = few(
    few(lines).flatMap((line) => {
      const looked = lookedFor(line);
      if (looked) return few(looked);
      const parts = few(referring(few(softly(line))).flatMap(spread));
      if (THEN.test(line)) return parts;
      // "replace 3 with a cat, seed 7" means that cat: settings hold for what was said with them
      const set = parts.map((part) => isSetting(part));
      return [...parts.filter((_, i) => set[i]), ...parts.filter((_, i) => !set[i])];
    }),
  );
  return said.filter((part) => SAYS.test(part));
}

/** "items: dog, ball", for which a picture is looked through as it comes, as what it means later. */
function lookedFor(line: string): string[] | undefined {
  const { text, items } = captioned(line);
  if (items === undefined) return undefined;
  const { words } = wantedItems(items);
  if (words.length === 0)
    throw new UserError('say what to look for, as "items: dog, ball" or "select the hat"');
  return [...words.map((word) => `select the ${word}`), ...(text ? softly(text) : [])];
}

const SAYS = /[\p{L}\p{N}\p{Extended_Pictographic}\p{RI}?]/u;

/** @throws UserError when there are more than anybody means */
function few<T>(parts: readonly T[]): readonly T[] {
  if (parts.length <= MOST) return parts;
  throw new UserError(
    `that is more than ${MOST} things at once: say the first few, for example "remove 2, then replace 3 with a cat"`,
  );
}

const SETTING_WORD = new RegExp(`\\b(?:${SETTING})\\b`, 'i');
const isSetting = (part: string): boolean => SETTING_WORD.test(part) && isAlone(normalise(part));

function softly(line: string): string[] {
  const parts: string[] = [];
  let [start, joints] = [0, 0];
  for (const { 0: separator, index } of line.matchAll(SOFT)) {
    if (++joints > MOST_JOINTS || parts.length > MOST) break;
    const next = index + separator.length;
    const before = line.slice(start, index);
    if (!begins(glance(line, next)) || isLead(before, separator)) continue;
    parts.push(before.trim());
    start = next;
  }
  return [...parts, line.slice(start).trim()];
}

/** What follows, up to the next place where a sentence may end; cut off where that is far. */
const glance = (line: string, start: number): string => line.slice(start, start + GLANCE + 1).split(SOFT)[0]!;

/** Whether nothing was said yet: "wait, stop", "please set the seed 7". */
function isLead(before: string, separator: string): boolean {
  if (before.length > GLANCE) return false;
  const said = normalise(before);
  if (normalise(`${before}, x`) === 'x') return true;
  return separator.trim() === '' && said.split(' ').length < 3 && !isAlone(said);
}

/** "replace 3 with a cat and make it red": it is what was spoken of before. */
function referring(parts: readonly string[]): string[] {
  let last: string | undefined;
  return parts.map((part) => {
    const said =
      last && !isAlone(normalise(part))
        ? part.replace(/^(\w+) (?:it|that|this)(?= |$)/i, `$1 ${last}`)
        : part;
    last = new RegExp(`^(?:\\w+ )?(${NUMBER})\\b`, 'i').exec(normalise(said))?.[1] ?? last;
    return said;
  });
}

const NUMBERS = '#?\\d+(?:(?:,? and | ?, ?| ?& ?| ?\\+ ?)(?:item )?#?\\d+)+|#?\\d ?- ?\\d';
const SEVERAL = new RegExp(`^(\\D*?)(?:both )?(?:(?:items?|numbers?) )?(${NUMBERS})(?=$|[^\\d%.])(.*)$`, 'i');
const ITEM_WORDS = /^(?:(?:the|my) .+|(?:items? |number )?#?\d+|\S+)$/i;
/** Commands that take two items, or a number that is no item. */
const TOGETHER = new Set([swap, blend, keepOnly, cutOut, imagine].flatMap(({ verbs = [] }) => verbs));
const TIMES = /^(undo|go back|redo)(?: it)? (?:(twice)|(\d) (?:times|steps)|x ?(\d)|(\d) ?x)$/i;

/** "remove 2 and 3" as "remove 2" and "remove 3", "undo twice" as "undo" and "undo". */
function spread(part: string): string[] {
  const text = normalise(part);
  const [, step, twice, ...count] = TIMES.exec(text) ?? [];
  if (step) return Array<string>(twice ? 2 : Number(count.find(Boolean))).fill(step);
  const [, before = '', list, after = ''] = SEVERAL.exec(text) ?? [];
  const verb = verbMeant(before.trim().toLowerCase(), VERBS);
  const numbers = numbersOf(list ?? '');
  // of "merge 2-4" the command is to see each number
  if (verb && merge.verbs!.includes(verb))
    return [list?.includes('-') ? `${before}${numbers.join(', ')}${after}` : part];
  const [, into] = /^ (?:with|by|to|into) (.+)$/i.exec(after) ?? [];
  // several replacements are one sampling: see replace.ts
  if (verb && into && replace.verbs!.includes(verb) && !isLook(into))
    return [
      `${before}${few(numbers)
        .map((n) => `${n}${after}`)
        .join(' and ')}`,
    ];
  if (verb ? !TOGETHER.has(verb) : before === '' && begins(`${numbers[0]}${after}`))
    return few(numbers).map((n) => `${before}${n}${after}`);
  return removals(text) ?? [part];
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
