import { growItem, reshapeItem, shrinkItem } from '../masks/shapes.js';
import type { Mask } from '../raster.js';
import { type PictureEditKind, sameItems, withItem } from './kind.js';
import { reshaped } from './regions.js';

/** An item gets this outline. */
export interface Reshape {
  readonly kind: 'reshape';
  readonly item: number;
  readonly mask: Mask;
}

/** An item's outline goes outwards by `pixels`, inwards when they are negative. */
export interface Grow {
  readonly kind: 'grow';
  readonly item: number;
  readonly pixels: number;
}

const OUTLINES = {
  needs: 'nothing',
  drafted: true,
  keepsNumbers: false,
  itemsAfter: sameItems,
  withItems: withItem,
} as const;

export const reshape: PictureEditKind<Reshape> = {
  kind: 'reshape',
  ...OUTLINES,
  plan: (before, { item, mask }, options) =>
    reshaped(before, reshapeItem(before.labels, item, mask), [item], options),
};

export const grow: PictureEditKind<Grow> = {
  kind: 'grow',
  ...OUTLINES,
  plan(before, { item, pixels }, options) {
    const { labels } = before;
    const after = pixels >= 0 ? growItem(labels, item, pixels) : shrinkItem(labels, item, -pixels);
    return reshaped(before, after, [item], options);
  },
};
