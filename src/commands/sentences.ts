import { UserError } from '../engine/errors.js';
import { begins, few, isAlone, MOST, reassures } from './begins.js';
import { GLANCE } from './elide.js';
import type { Subject } from './command.js';
import { feels } from './feelings.js';
import { isNumber, meant, namesItem } from './items.js';
import { isLook } from './looks.js';
import { isWay } from './move.js';
import { normalise } from './normalise.js';
import { settings } from './settings.js';
import { NOTHING, referring, spread } from './spread.js';
import { captioned, wantedItems } from './wanted.js';

/** Places where a sentence might end that are looked at; what comes after so many is one prompt. */
const MOST_JOINTS = 64;

/** "1. remove the dog", "step 2: make the bag red"; "3. remove it" may be about the third. */
const COUNTED =
  /^\s*(?:step \d{1,2}[.):]+|\d{1,2}[.)]) +(?=(?:please )?(?:make|remove|delete|erase|replace|move|blur|turn|change|swap|add|put|copy|rotate|flip|resize|crop|brighten|darken) (?!(?:it|this|that)\b)\S)/i;

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

/**
 * The commands of one message, as written; those that were said of several items at once, or of "it", one by one.
 * @throws UserError when there are more than anybody means
 */
export function sentences(message: string, subject: Subject = NOTHING): string[] {
  const lines = message
    .replace(/\p{Surrogate}|(?!\n)\p{Cc}/gu, ' ')
    .replace(/[^\S\n]{2,}/g, ' ')
    .split(HARD)
    .map((line) => (/\d/.test(line.slice(0, 9)) ? line.replace(COUNTED, '') : line))
    .filter((line) => SAYS.test(line));
  const said = few(
    few(lines).flatMap((line) => {
      const looked = lookedFor(line);
      if (looked) return few(looked);
      const parts = few(
        asked(referring(few(wishes(softly(copied(line)), subject)), subject)).flatMap((part) =>
          spread(part, subject),
        ),
      );
      if (THEN.test(line)) return parts;
      // "replace 3 with a cat, seed 7" means that cat: settings hold for what was said with them
      const set = parts.map((part) => isSetting(part));
      return [...parts.filter((_, i) => set[i]), ...parts.filter((_, i) => !set[i])];
    }),
  );
  return asked(said.filter((part) => SAYS.test(part)));
}

/** What is wanted, without what people only feel; a name below their thanks is their own. */
function asked(parts: readonly string[]): string[] {
  const feelings = parts.map((part) => part.length <= GLANCE && feels(normalise(part)));
  const isSigned = feelings.at(-2) && /^\p{Lu}\p{L}+(?: \p{Lu}\p{L}*)?$/u.test(parts.at(-1)!);
  const wanted = parts.filter((_, i) => !feelings[i] && !(isSigned && i === parts.length - 1));
  return wanted.length > 0 ? wanted : [...parts];
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

/** "remove the dog, but keep the bag" without what is only said to be sure; alone it is asked about. */
function wishes(parts: readonly string[], subject: Subject): readonly string[] {
  const asked = parts.filter((part) => !reassures(normalise(part)));
  return (asked.length > 0 ? asked : parts).map((part) => addressed(unassured(part, subject), subject));
}

/** What follows, up to the next place where a sentence may end; cut off where that is far. */
const glance = (line: string, start: number): string => line.slice(start, start + GLANCE + 1).split(SOFT)[0]!;

/** Nobody says so much to say that something stays as it is. */
const LONG = 160;
/** "keep the dog and remove the rest" is "keep only the dog". */
const KEPT =
  /^(.{0,20}\b)?keep (?:only |just )?(.{1,60}?)(?:,? (?:and|but)|[,.;]) (?:then )?(?:remove|delete|erase|get rid of|take out|hide) (?:(?:all |all of )?(?:the )?(?:rest|others?)|(?:everything|everyone|all|all the) (?:else|others?))\W*$/i;

/** "make 3 red instead of 4", "make 3 red, not blue"; "remove 3, not 4" is read by remove.ts. */
const ASIDE = /^(.{4,80}?),? (?:(?:and |but )?not|instead of|rather than) (.{1,30}?)\W*$/i;
const CHANGES =
  /^(?:make|paint|colou?r|dye|tint|move|shift|push|resize|scale|enlarge|shrink|flip|mirror|rotate|tilt|blur|brighten|lighten|darken|sharpen) (?!an? |some )/i;

/** "remove the bag because it's ugly", "make it red so it matches": why is nobody's prompt. */
const REASON_LAST =
  /^(.{6,80}?)(?:,? (because|'?cause|cuz|bc|since) (?:it|it's|its|he|she|they|that|the|there|i|we|you)\b|,? so (?:that )?(?:it|the|we|you|i|he|she|they)\b|,? (?:it|that)(?:'s| is| looks) ).{1,60}$/i;
const PROMPT = / (?:with|into|an?|some|of|who|that|which|saying) |->/i;

/** "3: make it red", "3 - remove", "the dog: bigger": the item first, and then what is to be done to it. */
function addressed(part: string, subject: Subject): string {
  if (part.length > GLANCE || !/:| - /.test(part)) return part;
  const text = normalise(part);
  const [, item, wish] = /^([^:,]{1,40}?)(?: ?: | ?:(?=\p{L})| - )(.{1,80})$/iu.exec(text) ?? [];
  if (!item || !wish || !(isNumber(item) || namesItem(item, subject))) return part;
  const [, verb, how = ''] = WISHED.exec(wish) ?? [];
  if (verb && (verb !== wish || TO_BE_DONE.test(wish))) return `${verb} ${item}${how}`;
  if (AWAY.test(wish)) return `remove ${item}`;
  if (isLook(wish) || SIZED.test(wish)) return `make ${item} ${wish}`;
  return isWay(wish) ? `move ${item} ${wish}` : part;
}
const WISHED =
  /^(make|paint|colou?r|move|shift|resize|scale|flip|mirror|rotate|blur|brighten|darken|sharpen|remove|delete|erase|replace|shrink|enlarge)(?: (?:it|this|that|him|her|them))?((?: (?!it\b|an? |the |my ).+)?)$/i;
/** "2: mirror" may be a mirror. */
const TO_BE_DONE = /^(?:remove|delete|erase|flip|rotate|blur|brighten|darken|sharpen|shrink|enlarge)$/i;
const AWAY = /^(?:removed?|deleted?|away|gone|out)$/i;
const SIZED =
  /^(?:(?:a bit|a little|much|way|slightly) )?(?:bigger|larger|smaller|tinier|taller|huge|tiny)$/i;

const SURE = /without|instead|rather|not|because|cause|cuz|bc|since|so|it|that/i;

/** "make the sky red without touching the dog": what is not named stays as it is. */
function unassured(part: string, subject: Subject): string {
  if (part.length > LONG || !SURE.test(part)) return part;
  const [, said, kept] =
    /^(.{4,80}?),? (?:but )?without (?:touch|chang|mov|remov|affect|alter|edit|delet|harm|los)e?ing (.{1,40}?)\W*$/i.exec(
      part,
    ) ?? [];
  const [, only, other] = ASIDE.exec(part) ?? [];
  if (
    only &&
    other &&
    CHANGES.test(normalise(only)) &&
    (isLook(other) || meant(other, subject) !== undefined)
  )
    return only;
  const [, wish, why] = REASON_LAST.exec(part) ?? [];
  if (wish && begins(wish) && (/^because/i.test(why ?? '') || !PROMPT.test(wish))) return wish;
  const isSure =
    kept !== undefined &&
    (/^(?:any|every|the rest|the others?\b)/i.test(kept) || meant(kept, subject) !== undefined);
  return isSure ? said! : part;
}

/** "copy the cup and put it on the left" is one wish, and so is "cut the car out and put it on the left". */
const copied = (line: string): string =>
  (line.length > LONG ? line : line.replace(KEPT, '$1keep only $2'))
    .replace(
      /\b(copy|duplicate|clone) ((?:(?! and ).){1,40}) and (?:put|place|move) (?:it|the copy|that|one) /i,
      '$1 $2 ',
    )
    .replace(/\bcut ((?:(?! and ).){1,40}) out and ((?:put|place|move|paste)) (?:it|that) /i, '$2 $1 ');

/** Whether nothing was said yet: "wait, stop", "please set the seed 7". */
function isLead(before: string, separator: string): boolean {
  if (before.length > GLANCE) return false;
  const said = normalise(before);
  if (normalise(`${before}, x`) === 'x') return true;
  return separator.trim() === '' && said.split(' ').length < 3 && !isAlone(said);
}
