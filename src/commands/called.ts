/** Which items words can mean. */
import type { Subject } from './command.js';
import { isCalled } from './compounds.js';
import { CARDINALS, ORDINALS } from './counts.js';
import { distance } from './spelling.js';

export const PRONOUNS = /^(?:it|this|that|this one|that one|him|her|he|she|them|one|these|those)$/;
const PERSONAL = /^(?:him|her|he|she)$/;
/** What people call somebody, where an item is called "person". */
const PERSON =
  /^(?:person|people|man|men|woman|women|girl|boy|guy|lady|gentleman|kid|child|human|model|figure|somebody|someone)$/;
const SOMEONE =
  /^((?:\S+ ){0,3}?)(?:man|woman|girl|boy|guy|lady|gentleman|kid|child|human)(?= (?:on|at|in|to) the | *$)/;
const GROUND = /^(?:back ?ground|bg|back ?drop|surroundings)$/;

const NO_ONE = /^no (?:one|other)$/;

/** The number (from 1) that "#3", "item three", "the second one" or "3rd" says. */
export function numberIn(written: string, subject: Subject): number | undefined {
  const [, article, counted, word] =
    /^(the |my |that )?(?:(items?|number|no\.?|nr\.?|object|thing)[ :]*)*#?(.+)$/.exec(written) ?? [
      undefined,
      undefined,
      undefined,
      written,
    ];
  // "1 item" is how many, "the 1st item" which
  const digits = /^(\d+)(?:(?:st|nd|rd|th|\.)?(?: one)?|(?:st|nd|rd|th|\.) (?:item|object|thing))$/.exec(
    word!,
  )?.[1];
  if (digits) return Number(digits);
  if (NO_ONE.test(written)) return undefined;
  // "the one" and "the two" are no numbers, "item one" and "two" are
  const cardinal = CARDINALS.indexOf(word!);
  if ((cardinal > 0 && !article) || (cardinal >= 0 && counted)) return cardinal + 1;
  const ordinal = /^(\p{L}+)(?: (?:one|item|object|thing))?$/u.exec(word!)?.[1] ?? '';
  if (ORDINALS.includes(ordinal)) return ORDINALS.indexOf(ordinal) + 1;
  return ordinal === 'last' ? subject.items.length : undefined;
}

export const WITHOUT_ARTICLE = /^(?:(?:the|a|an|my|that|this|those|these|her|his|its|their|our|your) )+/;

/** "the plate on the left" is the left plate. */
const AT_SIDE =
  /^(.+) (?:on|at|in|to) the (?:far )?(left|right|middle|(?:top|bottom)(?: (?:left|right))?)(?:[ -]?hand)?(?: side| corner)?(?: of (?:the |this )?(?:picture|image|photo))?$/;
/** What names of items have for "upper" and "lower". */
const UPRIGHT: Record<string, string> = { upper: 'top', lower: 'bottom' };
const asNamed = (words: string): string =>
  words.replace(/\b(?:upper|lower)(?=[ -](?:left|right)\b| (?:one|item|thing)$)/g, (word) => UPRIGHT[word]!);
/** Words that name nothing by themselves: "the brown one" is whatever is brown. */
const ANYTHING = /^(?:ones?|items?|things?|objects?)$/;

/** Whoever says more means none, unless an item is called so to the letter. */
const LONGEST = 100;

/** The indices of the items that the words can mean. */
export function candidates(written: string, subject: Subject): readonly number[] {
  const said = written.trim().toLowerCase();
  const wanted = said.replace(WITHOUT_ARTICLE, '');
  const names = subject.items.map(({ name }) => name.toLowerCase());
  const exact = names.findIndex((name) => name === said || name.replace(WITHOUT_ARTICLE, '') === wanted);
  if (exact >= 0) return [exact];
  if (said.length > LONGEST) return [];
  const number = numberIn(said, subject);
  if (number !== undefined) return number >= 1 && number <= names.length ? [number - 1] : [];
  const pointed = PRONOUNS.test(said) ? pointedAt(said, names, subject) : undefined;
  if (pointed !== undefined) return [pointed];
  const placed = asNamed(wanted);
  return called(placed.replace(AT_SIDE, '$2 $1'), names) ?? called(placed, names) ?? [];
}

const named = (words: string): string[] => words.split(' ').filter((word) => !ANYTHING.test(word));

/** The items whose names have all of these words; a thing is seldom the ground. */
function called(wanted: string, names: readonly string[]): readonly number[] | undefined {
  const all = wanted.split(' ');
  const words = named(wanted);
  if (words.length === 0) return undefined;
  const having = (fits: (name: string, word: string) => boolean): number[] =>
    names.flatMap((name, i) => (words.every((word) => fits(name, word)) ? [i] : []));
  const toTheLetter = having((name, word) => name.split(' ').includes(word));
  const found = toTheLetter.length > 0 ? toTheLetter : having(isCalled);
  if (found.length === 0) return undefined;
  // "the left brown one" is no "second left brown item"
  const plainest = found.filter((i) => named(names[i]!).length === words.length);
  if (plainest.length === 1) return plainest;
  return words.length < all.length && found.length > 1 ? found.filter((i) => i > 0) : found;
}

/** Who "her" is, where there is one person, and what "it" is, where something was spoken of. */
function pointedAt(said: string, names: readonly string[], { last }: Subject): number | undefined {
  const people = names.flatMap((name, i) => (name.split(' ').includes('person') ? [i] : []));
  return PERSONAL.test(said) && people.length === 1 ? people[0] : last;
}

/**
 * Whether `word` is `name` misspelt or in the other number. Other words are near, too ("coat" and "cat", "house" and
 * "horse"), so only slips that seldom make another word count: swapped neighbours, and a letter in a longer one.
 */
function isSlip(word: string, name: string): boolean {
  const sorted = (letters: string): string => [...letters].sort().join('');
  const slips = distance(word, name);
  if (slips === 1 && sorted(word) === sorted(name)) return true;
  if (word === `${name}s` || name === `${word}s`) return true;
  if (word[0] !== name[0]) return false;
  return (slips === 1 && name.length >= 5 && word.length !== name.length) || (slips <= 2 && name.length >= 8);
}

/** What follows tells where a thing is, and is not the thing: "the man in the background". */
const WHERE =
  / (?:in|on|at|by|near|of|from|with|without|wearing|holding|behind|under|below|above|around|beside|between|next to|in front of) (?=\S)/;

/** What says more than one thing, or what is not to be: its last word is no name for all of it. */
const MORE_THAN_A_NAME =
  /[,;]|(?:^| )(?:and|or|but|not|no|wait|sorry|keep|leave|except|instead|rather|than|don't|dont|never|half|to)(?: |$)|(?:^| )(?:parts?|bits?|pieces?|some|most|rest|left|right|top|bottom|end|side|edge) of /;
/** A number, or what is counted with one: "the last two". */
const COUNTED = new RegExp(`\\d|^(?:${[...CARDINALS, ...ORDINALS, 'last'].join('|')})$`);

/** As `candidates`, for words that are meant to name an item: misspelt, in the plural, or with more words before. */
export function likely(written: string, subject: Subject): readonly number[] {
  if (MORE_THAN_A_NAME.test(written.toLowerCase())) return [];
  const [thing] = written.toLowerCase().split(WHERE);
  const last = thing!.split(' ').at(-1)!.replace(/'s$/, '').slice(0, 30);
  if (COUNTED.test(last)) return [];
  const having = (fits: (word: string, name: string) => boolean): number[] =>
    subject.items.flatMap(({ name }, i) => {
      const called = name.toLowerCase();
      return called.split(' ').some((word) => fits(word, called)) ? [i] : [];
    });
  const someone = PERSON.test(last)
    ? candidates(written.toLowerCase().replace(SOMEONE, '$1person'), subject)
    : [];
  if (someone.length === 1) return someone;
  const exact = candidates(last, subject);
  // "the dog bag" is the bag of one who has both
  const before = thing!.split(' ').slice(0, -1);
  const owners = having((word, name) => before.includes(word) && name.endsWith(word));
  if (exact.length > 0) return [...new Set([...exact, ...owners])];
  if (GROUND.test(last)) return subject.items.length > 0 ? [0] : [];
  const slips = having((word) => isSlip(last, word));
  if (slips.length > 0) return slips;
  return PERSON.test(last) ? having((word) => PERSON.test(word)) : [];
}
