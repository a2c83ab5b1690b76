import { copyItem } from '../masks/carried.js';
import type { LabelMap } from '../raster.js';
import { arranged } from './arrange.js';
import { type PictureEditKind, withItem } from './kind.js';
import { inPixels, type Place, type Side, type Way, wayBeside, wayTo } from './places.js';
import { reshaped } from './regions.js';

/** An item once more, `dx` to the right and `dy` down; the copy is the last item. */
export interface Copy {
  readonly kind: 'copy';
  readonly item: number;
  readonly dx: number;
  readonly dy: number;
}

/** An item once more, its middle at a place. */
export interface CopyTo extends Place {
  readonly kind: 'copyTo';
  readonly item: number;
}

/** An item once more, beside another or beside itself. */
export interface CopyBeside {
  readonly kind: 'copyBeside';
  readonly item: number;
  readonly other: number;
  readonly side?: Side;
}

type Copying = Copy | CopyTo | CopyBeside;

/** A kind of edit that lays its item once more, a way from where it is. */
const copying = <E extends Copying>(
  kind: E['kind'],
  wayOf: (labels: LabelMap, edit: E) => Way,
): PictureEditKind<E> => ({
  kind,
  needs: 'nothing',
  itemsAfter: (items, { item }) => [...items, items[item]!],
  withItems: withItem,
  plan({ labels, items }, edit, options) {
    const { dx, dy } = wayOf(labels, edit);
    const after = copyItem(labels, edit.item, dx, dy);
    return reshaped({ labels, items: [...items, items[edit.item]!] }, after, [items.length], options);
  },
  async draft(before, edit, plan, seed) {
    const placement = inPixels(wayOf(before.labels, edit));
    const laid = [{ item: before.items.length, of: edit.item, placement }];
    return await arranged(before, plan, { lifted: [], laid, seed });
  },
});

export const copy = copying<Copy>('copy', (_, way) => way);

export const copyTo = copying<CopyTo>('copyTo', (labels, edit) => wayTo(labels, edit.item, edit));

export const copyBeside: PictureEditKind<CopyBeside> = {
  ...copying<CopyBeside>('copyBeside', (labels, { item, other, side }) =>
    wayBeside(labels, item, other, side),
  ),
  withItems: (edit, now) => ({ ...edit, item: now(edit.item), other: now(edit.other) }),
};
