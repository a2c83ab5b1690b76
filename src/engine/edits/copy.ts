import { copyItem } from '../masks/carried.js';
import { arranged } from './arrange.js';
import {
  type DraftPicture,
  type EditPlan,
  type CutPicture,
  type PictureEditKind,
  type PlanOptions,
  withItem,
} from './kind.js';
import { type Place, type Side, wayBeside, wayTo, type Way } from './places.js';
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

const COPIES = {
  needs: 'nothing',
  itemsAfter: <T>(items: readonly T[], { item }: { readonly item: number }): T[] => [...items, items[item]!],
  withItems: withItem,
} as const;

export const copy: PictureEditKind<Copy> = {
  kind: 'copy',
  ...COPIES,
  plan: (before, edit, options) => planned(before, edit.item, edit, options),
  draft: async (before, edit, plan, seed) => await drafted(before, edit.item, edit, plan, seed),
};

export const copyTo: PictureEditKind<CopyTo> = {
  kind: 'copyTo',
  ...COPIES,
  plan: (before, edit, options) =>
    planned(before, edit.item, whole(wayTo(before.labels, edit.item, edit)), options),
  draft: async (before, edit, plan, seed) =>
    await drafted(before, edit.item, whole(wayTo(before.labels, edit.item, edit)), plan, seed),
};

export const copyBeside: PictureEditKind<CopyBeside> = {
  kind: 'copyBeside',
  ...COPIES,
  withItems: (edit, now) => ({ ...edit, item: now(edit.item), other: now(edit.other) }),
  plan: (before, edit, options) =>
    planned(before, edit.item, wayBeside(before.labels, edit.item, edit.other, edit.side), options),
  draft: async (before, edit, plan, seed) =>
    await drafted(before, edit.item, wayBeside(before.labels, edit.item, edit.other, edit.side), plan, seed),
};

const whole = ({ dx, dy }: Way): Way => ({ dx: Math.round(dx), dy: Math.round(dy) });

function planned(
  { labels, items }: CutPicture,
  item: number,
  { dx, dy }: Way,
  options: PlanOptions,
): EditPlan {
  const after = copyItem(labels, item, dx, dy);
  return reshaped({ labels, items: [...items, items[item]!] }, after, [items.length], options);
}

async function drafted(
  before: DraftPicture,
  item: number,
  { dx, dy }: Way,
  plan: EditPlan,
  seed: number,
): Promise<DraftPicture> {
  const laid = [{ item: before.items.length, of: item, placement: { dx, dy } }];
  return await arranged(before, plan, { lifted: [], laid, seed });
}
