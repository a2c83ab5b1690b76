import { UserError } from '../errors.js';
import { moveItem } from '../masks/shapes.js';
import type { LabelMap } from '../raster.js';
import { arranged } from './arrange.js';
import { CARRIES, type DraftPicture, type EditPlan, type PictureEditKind } from './kind.js';
import { type Place, type Side, wayBeside, wayTo } from './places.js';
import { reshaped } from './regions.js';

/** An item goes `dx` to the right and `dy` down. */
export interface Move {
  readonly kind: 'move';
  readonly item: number;
  readonly dx: number;
  readonly dy: number;
}

/** An item's middle comes to a place. */
export interface MoveTo extends Place {
  readonly kind: 'moveTo';
  readonly item: number;
}

/** An item comes beside another: at its foot left or right, above it, below or on it. */
export interface MoveBeside {
  readonly kind: 'moveBeside';
  readonly item: number;
  readonly other: number;
  /** Where there is more room, when nobody says. */
  readonly side?: Side;
}

export const move: PictureEditKind<Move> = {
  kind: 'move',
  ...CARRIES,
  plan: (before, { item, dx, dy }, options) =>
    reshaped(before, moveItem(before.labels, item, dx, dy), [item], options),
  draft: async (before, { item, dx, dy }, plan, seed) => await drafted(before, item, dx, dy, plan, seed),
};

export const moveTo: PictureEditKind<MoveTo> = {
  kind: 'moveTo',
  ...CARRIES,
  plan(before, edit, options) {
    const { item } = edit;
    const { dx, dy } = wayTo(before.labels, item, edit);
    return reshaped(before, moveItem(before.labels, item, dx, dy), [item], options);
  },
  async draft(before, edit, plan, seed) {
    const { dx, dy } = wayTo(before.labels, edit.item, edit);
    return await drafted(before, edit.item, dx, dy, plan, seed);
  },
};

export const moveBeside: PictureEditKind<MoveBeside> = {
  kind: 'moveBeside',
  ...CARRIES,
  withItems: (edit, now) => ({ ...edit, item: now(edit.item), other: now(edit.other) }),
  plan(before, edit, options) {
    const { dx, dy } = beside(before.labels, edit);
    return reshaped(before, moveItem(before.labels, edit.item, dx, dy), [edit.item], options);
  },
  async draft(before, edit, plan, seed) {
    const { dx, dy } = beside(before.labels, edit);
    return await drafted(before, edit.item, dx, dy, plan, seed);
  },
};

function beside(labels: LabelMap, { item, other, side }: MoveBeside) {
  if (item === other)
    throw new UserError('that takes two different items: say for example "move 3 next to 4"');
  return wayBeside(labels, item, other, side);
}

async function drafted(
  before: DraftPicture,
  item: number,
  dx: number,
  dy: number,
  plan: EditPlan,
  seed: number,
): Promise<DraftPicture> {
  const placement = { dx: Math.round(dx), dy: Math.round(dy) };
  return await arranged(before, plan, { lifted: [item], laid: [{ item, of: item, placement }], seed });
}
