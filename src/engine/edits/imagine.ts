import { type EditKind, withItem } from './kind.js';

/** A picture of its own, of one item and words. */
export interface Imagine {
  readonly kind: 'imagine';
  readonly item: number;
  readonly words: string;
}

export const imagine: EditKind<Imagine> = {
  kind: 'imagine',
  needs: 'learning',
  keepsNumbers: false,
  itemsAfter: (items, { item }) => [items[item]!],
  withItems: withItem,
};
