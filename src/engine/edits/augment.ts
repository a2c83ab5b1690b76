import { type PictureEditKind, sameItems, withItem } from './kind.js';
import { looking } from './prompts.js';
import { prompted } from './regions.js';

/** An item as it is, and words for what is different about it. */
export interface Augment {
  readonly kind: 'augment';
  readonly item: number;
  readonly words: string;
}

export const augment: PictureEditKind<Augment> = {
  kind: 'augment',
  needs: 'learning',
  itemsAfter: sameItems,
  withItems: withItem,
  plan: (before, { item, words }, options) =>
    prompted(before, item, (old) => ({ prompt: looking(old.prompt, words) }), options),
};
