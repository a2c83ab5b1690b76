/**
 * Soft edges of an item and its colours without the old ground's. Only a band along the outline is computed, so that
 * the work grows with the outline's length and not with the picture: what its pixels say (`sides.ts`), what they agree on
 * (`mattingLaplacian.ts`), and the colours that follow.
 */
import type { Mask, Raster } from '../raster.js';
import { type Cut, cutAlong, cutoutFrom } from './cut.js';
import type { Cutout } from './cutout.js';
import { edgeBand } from './edgeBand.js';
import { agreed } from './mattingLaplacian.js';
import { sidesOf } from './sides.js';

/** What colours vary by at least, even of one tone, and at most: variances of 255. */
const [LEAST, MOST] = [0.3, 1000];

/** @throws UserError when the mask is empty */
export function matte(picture: Raster, mask: Mask): Cutout {
  const cut = cutAlong(picture, mask);
  soften(cut);
  return cutoutFrom(cut);
}

/** Works the edges out. */
export function soften(cut: Cut): void {
  const { box, inside, colours, alpha } = cut;
  const { width, height } = box;
  const edge = edgeBand({ width, height, data: inside }, { left: 0, top: 0, width, height }, cut.band);
  const sides = sidesOf(cut, edge);
  const { pixels, fore, back, foreVaries, backVaries } = sides;
  const shares = agreed(cut, sides);
  for (let a = 0; a < pixels.length; a++) {
    const p = pixels[a]!;
    const share = shares[a]!;
    alpha[p] = Math.round(255 * share);
    // the likeliest F where the pixel is αF + (1 − α)B and F and B vary by so much (Chuang 2001, equation 9)
    const ofFore = share * Math.min(MOST, foreVaries[a]! + LEAST);
    const ofBack = (1 - share) * Math.min(MOST, backVaries[a]! + LEAST);
    const gain = ofFore / (share * ofFore + (1 - share) * ofBack + LEAST);
    for (let c = 0; c < 3; c++) {
      const mean = fore[a * 3 + c]!;
      const rest = colours[p * 3 + c]! - share * mean - (1 - share) * back[a * 3 + c]!;
      colours[p * 3 + c] = Math.round(Math.min(255, Math.max(0, mean + gain * rest)));
    }
  }
}
