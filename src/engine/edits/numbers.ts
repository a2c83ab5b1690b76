/** Items have numbers, and edits speak of them: which an edit names, and what it is called after others were done. */
import { type Edit, kindOf, type PictureEdit } from './table.js';

/** What becomes of a picture's items by an edit that is still to be done: `[i]` is what item i will have
 * been; undefined when only the picture will tell. */
export const itemsAfter = <T>(items: readonly T[], edit: Edit): T[] | undefined =>
  kindOf(edit).itemsAfter(items, edit);

/** The items of the picture that an edit names, in its own order. */
export function itemsIn(edit: Edit): number[] {
  const items: number[] = [];
  kindOf(edit).withItems(edit, (item) => {
    items.push(item);
    return item;
  });
  return items;
}

/** The letters of the references that an edit takes something from. */
export const lettersOf = (edit: Edit): string[] => [
  ...new Set((kindOf(edit).sources?.(edit) ?? []).flatMap(({ picture }) => (picture ? [picture] : []))),
];

/** The edit with the item `from` instead of `to`: what was FOUND has a number now, or the other way. */
export const withItemAs = (edit: PictureEdit, from: number, to: number): PictureEdit =>
  kindOf(edit).withItems(edit, (item) => (item === from ? to : item)) as PictureEdit;

/**
 * Says an edit of the picture a person sees in the numbers of the picture it will be done on.
 * @param numbers for every item of that later picture its index on the one the person sees
 * @returns undefined when an item it names will be gone by then
 */
export function renumbered(edit: Edit, numbers: readonly number[]): Edit | undefined {
  let gone = false;
  const now = (item: number): number => {
    const index = numbers.indexOf(item);
    gone ||= index < 0;
    return index;
  };
  const there = kindOf(edit).withItems(edit, now);
  return gone ? undefined : there;
}
