import { copyItem } from '../masks/carried.js';
import { arranged, carried } from './arrange.js';
import { type PictureEditKind, withItem } from './kind.js';
import { reshaped } from './regions.js';

/** An item once more, `dx` to the right and `dy` down; the copy is the last item. */
export interface Copy {
  readonly kind: 'copy';
  readonly item: number;
  readonly dx: number;
  readonly dy: number;
}

export const copy: PictureEditKind<Copy> = {
  kind: 'copy',
  needs: 'nothing',
  keepsNumbers: false,
  itemsAfter: (items, { item }) => [...items, items[item]!],
  withItems: withItem,
  plan(before, { item, dx, dy }, options) {
    const { labels, items } = before;
    const after = copyItem(labels, item, dx, dy);
    return reshaped({ labels, items: [...items, items[item]!] }, after, [items.length], options);
  },
  async draft(before, { item, dx, dy }, plan, seed) {
    const cutout = await carried(before, item, { dx, dy });
    return arranged(before, plan, { lifted: [], laid: [{ item: before.items.length, cutout }], seed });
  },
};
