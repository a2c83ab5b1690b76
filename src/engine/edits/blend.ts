import { type CutPicture, type ItemSource, type PictureEditKind, sameItems, withItem } from './kind.js';
import { prompted } from './regions.js';
import { broughtItem, pictureOf } from './source.js';

/** Part of the way (0–1) from an item to words, or to an item of a reference picture. */
export interface Blend {
  readonly kind: 'blend';
  readonly item: number;
  readonly prompt: string;
  /** What the words name, where they name an item of a reference. */
  readonly with?: ItemSource;
  readonly amount: number;
}

export const blend: PictureEditKind<Blend> = {
  kind: 'blend',
  needs: 'learning',
  itemsAfter: sameItems,
  withItems: withItem,
  sources: ({ with: source }) => (source ? [source] : []),
  plan: (before, { item, prompt, with: source, amount }, options) =>
    prompted(
      before,
      item,
      ({ prompt: from }) => ({
        prompt: {
          kind: 'blend',
          from,
          to: source
            ? broughtItem(pictureOf<CutPicture>(before, source), source).prompt
            : { kind: 'text', text: prompt },
          amount,
        },
      }),
      options,
    ),
};
