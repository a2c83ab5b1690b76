import { requireItem } from '../masks/labelMap.js';
import { maskOf } from '../masks/mask.js';
import { removeItem } from '../masks/shapes.js';
import { type PictureEditKind, withItem } from './kind.js';
import { arranged } from './arrange.js';
import { around } from './regions.js';

/** An item goes, its neighbours fill the place. */
export interface Remove {
  readonly kind: 'remove';
  readonly item: number;
}

export const remove: PictureEditKind<Remove> = {
  kind: 'remove',
  needs: 'nothing',
  invents: true,
  itemsAfter: (items, { item }) => items.filter((_, i) => i !== item),
  withItems: withItem,
  plan({ labels, items }, { item }, options) {
    requireItem(labels, item);
    return around(maskOf(labels, item), removeItem(labels, item), items, options);
  },
  draft: async (before, { item }, plan, seed) =>
    await arranged(before, plan, { lifted: [item], laid: [], seed }),
};
