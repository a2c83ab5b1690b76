import type { Mask, Raster } from '../../raster.js';
import type { Scorer } from './scorer.js';

/** Of logarithms. */
const NEVER = 1e-4;

/** Logarithms of how likely each prompt is, the mean over an item as it is and mirrored. */
export interface Seen {
  readonly own: readonly number[];
  /** Of the item in grey: what is left of it without its colours. */
  readonly shape: readonly number[];
}

/** What a scorer sees in items of a picture: each in colours and in grey, as it is and mirrored. */
export function seer(scorer: Scorer, picture: Raster, prompts: readonly string[]) {
  const [colours, greys] = [picture, inGrey(picture)].map((view) => [view, mirrored(view, 3)]);
  const mean = async (views: readonly Raster[], masks: readonly Mask[]): Promise<number[]> => {
    const all: number[][] = [];
    for (const [i, view] of views.entries()) all.push(await scorer.likelihoods(view, masks[i]!, prompts));
    return prompts.map((_, k) => all.reduce((sum, of) => sum + Math.log(of[k]! + NEVER), 0) / all.length);
  };
  return async (mask: Mask): Promise<Seen> => {
    const masks = [mask, mirrored(mask, 1)];
    return { own: await mean(colours!, masks), shape: await mean(greys!, masks) };
  };
}

/** Luma (BT.601), three times. */
function inGrey({ width, height, data }: Raster): Raster {
  const grey = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3)
    grey.fill(Math.round(0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!), i, i + 3);
  return { width, height, data: grey };
}

/** Left to right. */
function mirrored<T extends { readonly width: number; readonly height: number; readonly data: Uint8Array }>(
  of: T,
  channels: number,
): T {
  const { width, height } = of;
  const data = new Uint8Array(of.data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + width - 1 - x) * channels;
      data.set(of.data.subarray(from, from + channels), (y * width + x) * channels);
    }
  }
  return { ...of, data };
}
