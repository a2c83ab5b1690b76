import { swapItems } from '../masks/shapes.js';
import { areasOf } from '../masks/labelMap.js';
import { centroidOf, maskOf, type Point } from '../masks/mask.js';
import { arranged } from './arrange.js';
import { type PictureEditKind, sameItems, withPair } from './kind.js';
import { reshaped } from './regions.js';

/** Two items change places. */
export interface Swap {
  readonly kind: 'swap';
  readonly a: number;
  readonly b: number;
}

export const swap: PictureEditKind<Swap> = {
  kind: 'swap',
  needs: 'nothing',
  invents: true,
  itemsAfter: sameItems,
  withItems: withPair,
  plan: (before, { a, b }, options) => reshaped(before, swapItems(before.labels, a, b), [a, b], options),
  async draft(before, { a, b }, plan, seed) {
    const [from, to] = [a, b].map((item) => centroidOf(maskOf(before.labels, item))!) as [Point, Point];
    const [dx, dy] = [Math.round(to.x - from.x), Math.round(to.y - from.y)];
    const laid = [
      { item: a, of: a, placement: { dx, dy } },
      { item: b, of: b, placement: { dx: -dx, dy: -dy } },
    ];
    // the smaller lies on top, as planned
    const areas = areasOf(before.labels);
    laid.sort((p, q) => areas[q.item]! - areas[p.item]!);
    return await arranged(before, plan, { lifted: [a, b], laid, seed });
  },
};
