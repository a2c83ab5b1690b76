import type { Edit } from '../engine/edits.js';

/**
 * What becomes of a picture's items by an edit that is still to be done: `items[i]` is what item i will have been.
 * The engine numbers the items that keep pixels in their old order, so this much is known before it has run.
 */
export function itemsAfter<T>(items: readonly T[], edit: Edit): T[] {
  switch (edit.kind) {
    case 'remove':
      return items.filter((_, i) => i !== edit.item);
    case 'merge':
      return items
        .with(Math.min(edit.a, edit.b), items[edit.a]!)
        .filter((_, i) => i !== Math.max(edit.a, edit.b));
    case 'split':
      return [...items, items[edit.item]!];
    case 'imagine':
      return [items[edit.item]!];
    default:
      return [...items];
  }
}

/**
 * Says an edit of the picture a person sees in the numbers of the picture it will be done on.
 * @param numbers for every item of that later picture its index on the one the person sees
 * @returns undefined when an item it names will be gone by then
 */
export function renumbered(edit: Edit, numbers: readonly number[]): Edit | undefined {
  const now = (item: number): number => numbers.indexOf(item);
  if ('item' in edit) {
    const item = now(edit.item);
    return item < 0 ? undefined : { ...edit, item };
  }
  if ('a' in edit) {
    const [a, b] = [now(edit.a), now(edit.b)];
    return a < 0 || b < 0 ? undefined : { ...edit, a, b };
  }
  return edit;
}
