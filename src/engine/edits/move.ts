import { UserError } from '../errors.js';
import { requireItem } from '../masks/labelMap.js';
import { centroidOf, maskOf } from '../masks/mask.js';
import { moveItem } from '../masks/shapes.js';
import type { LabelMap } from '../raster.js';
import { arranged, carried } from './arrange.js';
import { type DraftPicture, type EditPlan, type PictureEditKind, sameItems, withItem } from './kind.js';
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
  keepsNumbers: false,
  itemsAfter: sameItems,
  withItems: withItem,
} as const;

export const move: PictureEditKind<Move> = {
  kind: 'move',
  ...MOVES,
  plan: (before, { item, dx, dy }, options) =>
    reshaped(before, moveItem(before.labels, item, dx, dy), [item], options),
  draft: async (before, { item, dx, dy }, plan, seed) => await drafted(before, item, dx, dy, plan, seed),
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
    const { dx, dy } = wayTo(labels, item, x, y);
    return reshaped(before, moveItem(labels, item, dx, dy), [item], options);
  },
  async draft(before, { item, x, y }, plan, seed) {
    const { dx, dy } = wayTo(before.labels, item, x, y);
    return await drafted(before, item, dx, dy, plan, seed);
  },
};

function wayTo(labels: LabelMap, item: number, x: number, y: number): { dx: number; dy: number } {
  requireItem(labels, item);
  const centre = centroidOf(maskOf(labels, item))!;
  return { dx: x - centre.x, dy: y - centre.y };
}

async function drafted(
  before: DraftPicture,
  item: number,
  dx: number,
  dy: number,
  plan: EditPlan,
  seed: number,
): Promise<DraftPicture> {
  const cutout = await carried(before, item, { dx: Math.round(dx), dy: Math.round(dy) });
  return arranged(before, plan, { lifted: [item], laid: [{ item, cutout }], seed });
}
