import { swapItems } from '../masks/shapes.js';
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
  drafted: true,
  keepsNumbers: false,
  itemsAfter: sameItems,
  withItems: withPair,
  plan: (before, { a, b }, options) => reshaped(before, swapItems(before.labels, a, b), [a, b], options),
};
