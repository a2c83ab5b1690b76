import { UserError } from '../errors.js';
import { requireItem } from '../masks/labelMap.js';
import { centroidOf, maskOf } from '../masks/mask.js';
import { moveItem } from '../masks/shapes.js';
import { type PictureEditKind, sameItems, withItem } from './kind.js';
import { reshaped } from './regions.js';

/** An item goes `dx` to the right and `dy` down. */
export interface Move {
  readonly kind: 'move';
  readonly item: number;
  readonly dx: number;
  readonly dy: number;
}

/** An item's middle comes to a place. */
export interface MoveTo {
  readonly kind: 'moveTo';
  readonly item: number;
  readonly x: number;
  readonly y: number;
}

const MOVES = {
  needs: 'nothing',
  drafted: true,
  keepsNumbers: false,
  itemsAfter: sameItems,
  withItems: withItem,
} as const;

export const move: PictureEditKind<Move> = {
  kind: 'move',
  ...MOVES,
  plan: (before, { item, dx, dy }, options) =>
    reshaped(before, moveItem(before.labels, item, dx, dy), [item], options),
};

export const moveTo: PictureEditKind<MoveTo> = {
  kind: 'moveTo',
  ...MOVES,
  plan(before, { item, x, y }, options) {
    const { labels } = before;
    if (x >= labels.width || y >= labels.height)
      throw new UserError(
        `${x},${y} lies outside the picture: it is ${labels.width} wide and ${labels.height} high`,
      );
    requireItem(labels, item);
    const centre = centroidOf(maskOf(labels, item))!;
    return reshaped(before, moveItem(labels, item, x - centre.x, y - centre.y), [item], options);
  },
};
