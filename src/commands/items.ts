import { UserError } from '../engine/errors.js';
import type { Subject } from './command.js';

/** How an item is written in a pattern: `3`, `#3`, `item 3`, or a name. */
export const NUMBER = '(?:items? ?)?#?(\\d+)';

/**
 * The 0-based index of the item a person wrote.
 * @throws UserError that lists the items when there is none or more than one
 */
export function itemIndex(written: string, subject: Subject): number {
  const listed = subject.items.map(({ name }, i) => `${i + 1} ${name}`).join(', ');
  const number = new RegExp(`^${NUMBER}$`, 'i').exec(written.trim())?.[1];
  if (number !== undefined) {
    const index = Number(number) - 1;
    if (index < 0 || index >= subject.items.length) {
      throw new UserError(`there is no item ${number}: the picture has ${listed}`);
    }
    return index;
  }
  const wanted = written
    .trim()
    .toLowerCase()
    .replace(/^(?:the|a|an) /, '');
  const names = subject.items.map(({ name }) => name.toLowerCase());
  const exact = names.indexOf(wanted);
  if (exact >= 0) return exact;
  const matches = names.flatMap((name, i) => (name.split(' ').includes(wanted) ? [i] : []));
  if (matches.length === 1) return matches[0]!;
  const which = matches.length > 1 ? `"${wanted}" could be several items` : `there is no item "${wanted}"`;
  throw new UserError(`${which}: say its number (${listed})`);
}

/** Whether the words name an item of this picture, by number or by name. */
export function namesItem(written: string, subject: Subject): boolean {
  try {
    itemIndex(written, subject);
    return true;
  } catch {
    return false;
  }
}

/** "3 hat" or "the red ball hat": the longest run of first words that names an item, and the words after it. */
export function splitAfterItem(text: string, subject: Subject): { item: string; words: string } {
  const words = text.split(' ');
  for (let n = Math.min(words.length - 1, LONGEST_NAME); n >= 1; n--) {
    const item = words.slice(0, n).join(' ');
    if (namesItem(item, subject)) return { item, words: words.slice(n).join(' ') };
  }
  return { item: words[0]!, words: words.slice(1).join(' ') };
}

/** Words of the longest name that is looked for. */
const LONGEST_NAME = 8;
