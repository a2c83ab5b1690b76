import { mergeItems } from '../masks/shapes.js';
import type { PictureEditKind } from './kind.js';
import { relabel, relabelled } from './regions.js';

/** One item of several: named and prompted as the first that is named, with the lowest number. */
export interface Merge {
  readonly kind: 'merge';
  readonly items: readonly number[];
}

/** `all` with the first of the items at the lowest place, and without the others. */
const merged = <T>(all: readonly T[], { items }: Merge): T[] => {
  const into = Math.min(...items);
  return all.with(into, all[items[0]!]!).filter((_, i) => i === into || !items.includes(i));
};

export const merge: PictureEditKind<Merge> = {
  kind: 'merge',
  needs: 'nothing',
  regroups: true,
  itemsAfter: merged,
  withItems: (edit, now) => ({ ...edit, items: edit.items.map(now) }),
  plan: (before, { items }) =>
    relabelled(
      mergeItems(before.labels, items),
      before.items.with(Math.min(...items), before.items[items[0]!]!),
    ),
  draft: async (before, { items }, plan) => relabel(before, plan, items),
};
