import { swapItems, swapMoves } from '../masks/shapes.js';
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
    const laid = swapMoves(before.labels, a, b).map(({ item, dx, dy }) => ({
      ...{ item, of: item },
      placement: { dx, dy },
    }));
    return await arranged(before, plan, { lifted: [a, b], laid, seed });
  },
};
