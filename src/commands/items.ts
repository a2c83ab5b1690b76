import { UserError } from '../engine/errors.js';
import type { Subject } from './command.js';
import { CARDINALS, ORDINALS } from './counts.js';
import { distance } from './spelling.js';

/** It is not clear which item is meant. */
export class UnclearItem extends UserError {
  constructor(
    message: string,
    /** How it was called. */
    readonly written: string,
  ) {
    super(message);
  }
}

/** No item is called so; something in the picture may be. */
export class UnknownItem extends UnclearItem {
  constructor(
    message: string,
    written: string,
    /** What was asked for, without its article. */
    readonly words: string,
  ) {
    super(message, written);
  }
}

/** How an item is written by number in a pattern: `3`, `#3`, `item 3`, `no. 3`. */
export const NUMBER = '(?:(?:items?|number|no\\.?|nr\\.?|object|thing) ?)?#?\\d+';

const PRONOUNS = /^(?:it|this|that|this one|that one|him|her|he|she|them|one|these|those)$/;
const PERSONAL = /^(?:him|her|he|she)$/;
/** What people call somebody, where an item is called "person". */
const PERSON =
  /^(?:person|people|man|men|woman|women|girl|boy|guy|lady|gentleman|kid|child|human|model|figure|somebody|someone)$/;
const GROUND = /^(?:back ?ground|bg|back ?drop|surroundings)$/;

/** Whether the words only point: "it", "that one". */
export const isPronoun = (written: string): boolean => PRONOUNS.test(written.trim().toLowerCase());

/** The number (from 1) that "#3", "item three", "the second one" or "3rd" says. */
function numberIn(written: string, subject: Subject): number | undefined {
  const [, , counted, word] =
    /^(the |my |that )?(?:(items?|number|no\.?|nr\.?|object|thing)[ :]*)*#?(.+)$/.exec(written) ?? [
      undefined,
      undefined,
      undefined,
      written,
    ];
  const digits = /^(\d+)(?:st|nd|rd|th|\.)?(?: (?:one|item|object|thing))?$/.exec(word!)?.[1];
  if (digits) return Number(digits);
  // "the one" is no number, "item one" is
  const cardinal = CARDINALS.indexOf(word!);
  if (cardinal > 0 || (cardinal === 0 && counted)) return cardinal + 1;
  const ordinal = /^(\p{L}+)(?: (?:one|item|object|thing))?$/u.exec(word!)?.[1] ?? '';
  if (ORDINALS.includes(ordinal)) return ORDINALS.indexOf(ordinal) + 1;
  return ordinal === 'last' ? subject.items.length : undefined;
}

const WITHOUT_ARTICLE = /^(?:(?:the|a|an|my|that|this|those|these|her|his|its|their|our|your) )+/;

/** "the plate on the left" is the left plate. */
const AT_SIDE =
  /^(.+) (?:on|at|in|to) the (?:far )?(left|right|top|bottom|middle)(?:[ -]?hand)?(?: side)?(?: of (?:the |this )?(?:picture|image|photo))?$/;
/** Words that name nothing by themselves: "the brown one" is whatever is brown. */
const ANYTHING = /^(?:ones?|items?|things?|objects?)$/;

/** Whoever says more means none, unless an item is called so to the letter. */
const LONGEST = 100;

/** The indices of the items that the words can mean. */
function candidates(written: string, subject: Subject): readonly number[] {
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
  return called(wanted.replace(AT_SIDE, '$2 $1'), names) ?? called(wanted, names) ?? [];
}

const named = (words: string): string[] => words.split(' ').filter((word) => !ANYTHING.test(word));

/** The items whose names have all of these words; a thing is seldom the ground. */
function called(wanted: string, names: readonly string[]): readonly number[] | undefined {
  const all = wanted.split(' ');
  const words = named(wanted);
  if (words.length === 0) return undefined;
  const found = names.flatMap((name, i) =>
    words.every((word) => name.split(' ').includes(word)) ? [i] : [],
  );
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
const MORE_THAN_A_NAME = /[,;]|(?:^| )(?:and|or|but|not|keep|leave|except|instead|don't|dont|never)(?: |$)/;

/** As `candidates`, for words that are meant to name an item: misspelt, in the plural, or with more words before. */
function likely(written: string, subject: Subject): readonly number[] {
  if (MORE_THAN_A_NAME.test(written.toLowerCase())) return [];
  const [thing] = written.toLowerCase().split(WHERE);
  const last = thing!.split(' ').at(-1)!.replace(/'s$/, '').slice(0, 30);
  if (/\d/.test(last)) return [];
  const exact = candidates(last, subject);
  if (exact.length > 0) return exact;
  if (GROUND.test(last)) return subject.items.length > 0 ? [0] : [];
  const having = (fits: (word: string) => boolean): number[] =>
    subject.items.flatMap(({ name }, i) => (name.toLowerCase().split(' ').some(fits) ? [i] : []));
  const slips = having((word) => isSlip(last, word));
  if (slips.length > 0) return slips;
  if (PERSON.test(last)) return having((word) => PERSON.test(word));
  // "bag" is what is called a handbag
  return last.length < 3 ? [] : having((word) => word.length >= last.length + 3 && word.endsWith(last));
}

/**
 * The 0-based index of the item a person wrote.
 * @throws UserError that lists the items when there is none or more than one
 */
export function itemIndex(written: string, subject: Subject): number {
  const found = candidates(written, subject);
  if (found.length === 1) return found[0]!;
  const said = written.trim().toLowerCase();
  const number = numberIn(said, subject);
  const guessed = found.length === 0 && number === undefined ? likely(said, subject) : [];
  if (guessed.length === 1) return guessed[0]!;
  const listed = subject.items.map(({ name }, i) => `${i + 1} ${name}`).join(', ');
  const wanted = shortened(said.replace(WITHOUT_ARTICLE, ''));
  if (number !== undefined)
    throw new UnclearItem(
      `there is no item ${shortened(String(number))}: the picture has ${listed}`,
      written,
    );
  if (PRONOUNS.test(said))
    throw new UnclearItem(`which item is "${said}"? say its number (${listed})`, written);
  if (found.length + guessed.length > 1)
    throw new UnclearItem(`"${wanted}" could be several items: say its number (${listed})`, written);
  throw new UnknownItem(`there is no item "${wanted}": say its number (${listed})`, written, wanted);
}

/** The same, undefined where there is none or more than one. */
export function meant(written: string, subject: Subject): number | undefined {
  try {
    return itemIndex(written, subject);
  } catch (error) {
    if (error instanceof UnclearItem) return undefined;
    throw error;
  }
}

/** Whether the words name an item of this picture, by number or by name, to the letter. */
export const namesItem = (written: string, subject: Subject): boolean =>
  candidates(written, subject).length === 1;

/** Whether the words are the number of an item, there or not. */
export const isNumber = (written: string): boolean => new RegExp(`^${NUMBER}$`, 'i').test(written.trim());

/** "3 hat" or "the red ball hat": the longest run of first words that names an item, and the words after it. */
export function splitAfterItem(text: string, subject: Subject): { item: string; words: string } {
  const words = text.split(' ');
  const split = (n: number) => ({ item: words.slice(0, n).join(' '), words: words.slice(n).join(' ') });
  for (let n = Math.min(words.length - 1, LONGEST_NAME); n >= 1; n--) {
    if (namesItem(split(n).item, subject)) return split(n);
  }
  // a name that is not there: most names are one word
  if (!/^(?:the|my|that|this|those|these|her|his|its|their|our|your|items?|number)$/i.test(words[0]!))
    return split(1);
  return split(2);
}

/** The longest run of first words that names an item, all of them if they do. */
export function leadingItem(text: string, subject: Subject): string | undefined {
  const words = text.split(' ', LONGEST_NAME);
  for (let n = words.length; n >= 1; n--) {
    const name = words.slice(0, n).join(' ').replace(/,$/, '');
    if (namesItem(name, subject)) return name;
  }
  return undefined;
}

/** Words of the longest name that is looked for. */
const LONGEST_NAME = 8;

/** What is quoted back to a person: never long, never half an emoji. */
export const shortened = (text: string, most = 80): string => [...text].slice(0, most).join('');
