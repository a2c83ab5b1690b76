import { requireItem } from '../masks/labelMap.js';
import { emptyMask, maskOf, union } from '../masks/mask.js';
import { type PictureEditKind, sameItems } from './kind.js';
import { around } from './regions.js';

/** Items are drawn anew where they are, each by its own prompt: they may change with what is done beside them. */
export interface Free {
  readonly kind: 'free';
  readonly items: readonly number[];
}

export const free: PictureEditKind<Free> = {
  kind: 'free',
  needs: 'learning',
  itemsAfter: sameItems,
  withItems: (edit, now) => ({ ...edit, items: edit.items.map(now) }),
  plan({ labels, items }, edit, options) {
    for (const item of edit.items) requireItem(labels, item);
    const region = edit.items
      .map((item) => maskOf(labels, item))
      .reduce(union, emptyMask(labels.width, labels.height));
    return around(region, labels, items, options);
  },
};
