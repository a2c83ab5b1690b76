import { mergeItems } from '../masks/shapes.js';
import { type PictureEditKind, withPair } from './kind.js';
import { relabel, relabelled } from './regions.js';

/** One item, named and prompted as `a`, of two; it has the lower number. */
export interface Merge {
  readonly kind: 'merge';
  readonly a: number;
  readonly b: number;
}

/** @returns `items` without the higher of the two */
const merged = <T>(items: readonly T[], { a, b }: Merge): T[] =>
  items.with(Math.min(a, b), items[a]!).filter((_, i) => i !== Math.max(a, b));

export const merge: PictureEditKind<Merge> = {
  kind: 'merge',
  needs: 'nothing',
  keepsNumbers: false,
  regroups: true,
  itemsAfter: merged,
  withItems: withPair,
  plan: ({ labels, items }, { a, b }) =>
    relabelled(mergeItems(labels, [a, b]), items.with(Math.min(a, b), items[a]!)),
  draft: async (before, edit, plan) => relabel(before, plan, [edit.a, edit.b]),
};
