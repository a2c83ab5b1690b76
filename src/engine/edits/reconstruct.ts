import { emptyMask } from '../masks/mask.js';
import { type PictureEditKind, sameItems } from './kind.js';

/** The whole picture, drawn anew from what was learned. */
export interface Reconstruct {
  readonly kind: 'reconstruct';
}

export const reconstruct: PictureEditKind<Reconstruct> = {
  kind: 'reconstruct',
  needs: 'learning',
  itemsAfter: sameItems,
  withItems: (edit) => edit,
  plan({ labels, items }) {
    const everything = emptyMask(labels.width, labels.height);
    everything.data.fill(1);
    return { labels, items, active: everything, soft: emptyMask(labels.width, labels.height) };
  },
};
