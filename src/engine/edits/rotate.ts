import { flipItem, rotateItem } from '../masks/carried.js';
import { arranged } from './arrange.js';
import { CARRIES, type PictureEditKind } from './kind.js';
import { reshaped } from './regions.js';

/** An item turned about its middle by degrees, clockwise. */
export interface Rotate {
  readonly kind: 'rotate';
  readonly item: number;
  readonly degrees: number;
}

/** An item mirrored, left to right. */
export interface Flip {
  readonly kind: 'flip';
  readonly item: number;
}

export const rotate: PictureEditKind<Rotate> = {
  kind: 'rotate',
  ...CARRIES,
  plan: (before, { item, degrees }, options) =>
    reshaped(before, rotateItem(before.labels, item, degrees), [item], options),
  async draft(before, { item, degrees }, plan, seed) {
    const laid = [{ item, of: item, placement: { rotate: degrees } }];
    return await arranged(before, plan, { lifted: [item], laid, seed });
  },
};

export const flip: PictureEditKind<Flip> = {
  kind: 'flip',
  ...CARRIES,
  plan: (before, { item }, options) => reshaped(before, flipItem(before.labels, item), [item], options),
  async draft(before, { item }, plan, seed) {
    const laid = [{ item, of: item, placement: { flip: true } }];
    return await arranged(before, plan, { lifted: [item], laid, seed });
  },
};
