/** What is not ground, as objects: parts that touch are one thing, unless a border between them speaks for two. */
import type { Mask } from '../raster.js';
import { basinsOf, type Neck, necksOf } from './basins.js';
import type { LabPicture } from './lab.js';

/**
 * The log odds that two bulges are two things: different colours, and sizes alike (a small bulge of another colour is
 * a part: a leaf, a handle). Logistic regression on the borders in 168 scenes of training/pocket; accuracy 0.84 there.
 */
function apart(neck: Neck): number {
  return 6.5 * neck.difference + 6.2 * Math.sqrt(neck.balance) - 6.6;
}

/** One mask an object, largest first. */
export function cutObjects(mask: Mask, picture: LabPicture): Mask[] {
  let basins = basinsOf(mask);
  for (;;) {
    let weakest: Neck | undefined;
    for (const neck of necksOf(basins, picture)) {
      if (!weakest || apart(neck) < apart(weakest)) weakest = neck;
    }
    if (!weakest || apart(weakest) >= 0) break;
    const { a, b } = weakest;
    const last = basins.count - 1;
    // b joins a, and the last basin takes b's number.
    basins = {
      ...basins,
      count: last,
      of: basins.of.map((k) => (k === b ? (a === last ? b : a) : k === last ? b : k)),
    };
  }
  const masks = Array.from({ length: basins.count }, () => ({
    area: 0,
    data: new Uint8Array(mask.data.length),
  }));
  basins.of.forEach((k, i) => {
    if (k < 0) return;
    masks[k]!.data[i] = 1;
    masks[k]!.area++;
  });
  return masks
    .sort((p, q) => q.area - p.area)
    .map(({ data }) => ({ width: mask.width, height: mask.height, data }));
}
