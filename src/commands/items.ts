import { UserError } from '../engine/errors.js';
import { candidates, likely, numberIn, PRONOUNS, WITHOUT_ARTICLE } from './called.js';
import type { Subject } from './command.js';

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

/** Whether the words only point: "it", "that one". */
export const isPronoun = (written: string): boolean => PRONOUNS.test(written.trim().toLowerCase());

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
