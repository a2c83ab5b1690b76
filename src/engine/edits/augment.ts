import { UserError } from '../errors.js';
import { type Item, type ItemPrompt, type PictureEditKind, sameItems, withItem } from './kind.js';
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
  keepsNumbers: true,
  itemsAfter: sameItems,
  withItems: withItem,
  plan: (before, { item, words }, options) =>
    prompted(before, item, (old) => ({ prompt: withWords(old, words) }), options),
};

function withWords({ prompt }: Item, words: string): ItemPrompt {
  if (prompt.kind === 'learned') return { ...prompt, words: [prompt.words, words].filter(Boolean).join(' ') };
  // colours and looks come before a noun: "a cat" made red is "a red cat"
  if (prompt.kind === 'text') {
    const [, article = '', noun = ''] = /^((?:an?|the) )?(.*)$/i.exec(prompt.text) ?? [];
    return { kind: 'text', text: `${article}${words} ${noun}` };
  }
  throw new UserError('this item is a blend: replace it with words first, then change its looks');
}
