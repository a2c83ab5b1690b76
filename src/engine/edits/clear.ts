import { lay } from '../draft/carry.js';
import { matte } from '../draft/matte.js';
import { UserError } from '../errors.js';
import { areaOf, invert, maskOf } from '../masks/mask.js';
import { GROUND, type PictureEditKind, sameItems } from './kind.js';
import { relabelled } from './regions.js';

/** The ground goes: everything that stands on it stays, on plain white. */
export interface Clear {
  readonly kind: 'clear';
}

const WHITE = 255;

export const clear: PictureEditKind<Clear> = {
  kind: 'clear',
  needs: 'nothing',
  itemsAfter: sameItems,
  withItems: (edit) => edit,
  plan({ labels, items }) {
    if (areaOf(invert(maskOf(labels, GROUND))) === 0)
      throw new UserError(
        'nothing stands on the background: select a thing first, for example "select the hat"',
      );
    const name = 'white background';
    const ground = { name, prompt: { kind: 'text', text: `a plain ${name}` } } as const;
    return relabelled(labels, items.with(GROUND, ground));
  },
  async draft(before, _edit, { labels, items }) {
    const { picture, layers } = before;
    const white = { ...picture, data: new Uint8Array(picture.data.length).fill(WHITE) };
    // all things as one: between two of them no white is to shine through
    const things = matte(picture, invert(maskOf(labels, GROUND)));
    return { picture: lay(white, [things]), labels, items, layers };
  },
};
