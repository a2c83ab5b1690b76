import { resizeItem } from '../masks/shapes.js';
import { arranged } from './arrange.js';
import { CARRIES, type PictureEditKind } from './kind.js';
import { reshaped } from './regions.js';

/** An item `scale` times as wide and as high, about its middle. */
export interface Resize {
  readonly kind: 'resize';
  readonly item: number;
  readonly scale: number;
}

export const resize: PictureEditKind<Resize> = {
  kind: 'resize',
  ...CARRIES,
  plan: (before, { item, scale }, options) =>
    reshaped(before, resizeItem(before.labels, item, scale), [item], options),
  async draft(before, { item, scale }, plan, seed) {
    const laid = [{ item, of: item, placement: { scale } }];
    return await arranged(before, plan, { lifted: [item], laid, seed });
  },
};
