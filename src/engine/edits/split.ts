import { areasOf } from '../masks/labelMap.js';
import { splitItem } from '../masks/shapes.js';
import { type Item, type PictureEditKind, withItem } from './kind.js';
import { relabel, relabelled } from './regions.js';

/** An item's separate pieces become items of their own; the largest keeps the number, the others come last. */
export interface Split {
  readonly kind: 'split';
  readonly item: number;
}

export const split: PictureEditKind<Split> = {
  kind: 'split',
  needs: 'nothing',
  regroups: true,
  // one piece more at least
  itemsAfter: (items, { item }) => [...items, items[item]!],
  withItems: withItem,
  plan({ labels, items }, { item }) {
    const after = splitItem(labels, item);
    const added = areasOf(after).length - items.length;
    return relabelled(after, [...items, ...Array<Item>(added).fill(items[item]!)]);
  },
  draft: async (before, edit, plan) => relabel(before, plan, [edit.item]),
};
