import { UserError } from '../errors.js';
import { moveItem } from '../masks/shapes.js';
import type { LabelMap } from '../raster.js';
import { arranged } from './arrange.js';
import { CARRIES, type PictureEditKind } from './kind.js';
import { inPixels, type Place, type Side, type Way, wayBeside, wayTo } from './places.js';
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

type Moving = Move | MoveTo | MoveBeside;

/** A kind of edit that carries its item a way. */
const moving = <E extends Moving>(
  kind: E['kind'],
  wayOf: (labels: LabelMap, edit: E) => Way,
): PictureEditKind<E> => ({
  kind,
  ...CARRIES,
  plan(before, edit, options) {
    const { dx, dy } = wayOf(before.labels, edit);
    return reshaped(before, moveItem(before.labels, edit.item, dx, dy), [edit.item], options);
  },
  async draft(before, edit, plan, seed) {
    const { item } = edit;
    const placement = inPixels(wayOf(before.labels, edit));
    return await arranged(before, plan, { lifted: [item], laid: [{ item, of: item, placement }], seed });
  },
});

export const move = moving<Move>('move', (_, way) => way);

export const moveTo = moving<MoveTo>('moveTo', (labels, edit) => wayTo(labels, edit.item, edit));

export const moveBeside: PictureEditKind<MoveBeside> = {
  ...moving<MoveBeside>('moveBeside', beside),
  withItems: (edit, now) => ({ ...edit, item: now(edit.item), other: now(edit.other) }),
};

function beside(labels: LabelMap, { item, other, side }: MoveBeside): Way {
  if (item === other)
    throw new UserError('that takes two different items: say for example "move 3 next to 4"');
  return wayBeside(labels, item, other, side);
}
