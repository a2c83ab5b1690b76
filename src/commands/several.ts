import { UserError } from '../engine/errors.js';
import type { Subject } from './command.js';
import { itemIndex, namesItem } from './items.js';

/** More items than this in one breath are prose. */
const MOST = 12;

/**
 * The items of "3", "3 and 4", "the hat, 2 & the dog", each once, in the order they were said.
 * @throws UserError as `itemIndex`
 */
export function itemIndices(written: string, subject: Subject): number[] {
  if (namesItem(written, subject)) return [itemIndex(written, subject)];
  const names = written.split(/,? and |, ?| ?& ?| ?\+ ?/i);
  if (names.length > MOST) throw new UserError(`those are too many items: name at most ${MOST}`);
  return [...new Set(names.map((name) => itemIndex(name.replace(/^(?:both|items?) /i, ''), subject)))];
}

/** The ground: the item that is called so, or else the first, which is what lies behind the others. */
export function ground(subject: Subject): number {
  return namesItem('background', subject) ? itemIndex('background', subject) : 0;
}
