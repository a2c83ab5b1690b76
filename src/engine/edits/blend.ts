import { type PictureEditKind, sameItems, withItem } from './kind.js';
import { prompted } from './regions.js';

/** Part of the way (0–1) from an item to words. */
export interface Blend {
  readonly kind: 'blend';
  readonly item: number;
  readonly prompt: string;
  readonly amount: number;
}

export const blend: PictureEditKind<Blend> = {
  kind: 'blend',
  needs: 'learning',
  keepsNumbers: true,
  itemsAfter: sameItems,
  withItems: withItem,
  plan: (before, { item, prompt, amount }, options) =>
    prompted(
      before,
      item,
      ({ prompt: from }) => ({
        prompt: { kind: 'blend', from, to: { kind: 'text', text: prompt }, amount },
      }),
      options,
    ),
};
