import { keepItems } from '../masks/carried.js';
import { areasOf } from '../masks/labelMap.js';
import { maskOf } from '../masks/mask.js';
import { arranged } from './arrange.js';
import { GROUND, type PictureEditKind } from './kind.js';
import { reshaped } from './regions.js';

/** All other items go; the ground, which is the first item, stays and is completed. */
export interface KeepOnly {
  readonly kind: 'keepOnly';
  readonly items: readonly number[];
}

export const keepOnly: PictureEditKind<KeepOnly> = {
  kind: 'keepOnly',
  needs: 'nothing',
  invents: true,
  itemsAfter: (all, { items }) => all.filter((_, i) => i === GROUND || items.includes(i)),
  withItems: (edit, now) => ({ ...edit, items: edit.items.map(now) }),
  plan: (before, { items }, options) => reshaped(before, keepItems(before.labels, items), [], options),
  async draft(before, { items }, plan, seed) {
    const { labels } = before;
    const lifted = areasOf(labels).flatMap((area, i) =>
      area > 0 && i !== GROUND && !items.includes(i) ? [i] : [],
    );
    return await arranged(before, plan, { lifted, laid: [], sources: maskOf(labels, GROUND), seed });
  },
};
