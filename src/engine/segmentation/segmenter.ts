import type { LabelMap, Mask, Raster } from '../raster.js';

/** A picture has at most so many items when it is cut. */
export const MOST_ITEMS = 8;

/** A picture cut into items. */
export interface Segmentation {
  /** At the picture's size; label k is `items[k]`, 0 the ground. */
  readonly labels: LabelMap;
  readonly items: readonly { readonly name: string }[];
  /** What could not be done as it was asked for, if anything: sentences without their stops. */
  readonly remarks?: readonly string[];
}

/** What cuts pictures into items. Some understand words, too. */
export interface Segmenter {
  /** At most `MOST_ITEMS`, as few as the picture has: the ground first, the others by falling area. */
  segment(picture: Raster): Promise<Segmentation>;
  /** What the words name, at the picture's size; undefined when there is no such thing in it. */
  readonly find?: (picture: Raster, words: string) => Promise<Mask | undefined>;
}
