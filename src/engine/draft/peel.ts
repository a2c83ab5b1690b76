/**
 * A first guess at the coarsest size: the hole is filled from its rim inwards, each pixel from the source patch that
 * fits best what is known around it (A. Newson et al., "Video Inpainting of Complex Scenes", SIAM J. Imaging
 * Sciences 2014, section 3.5: the "onion peel").
 */
import { Part } from './compare.js';
import { centreNear } from './level.js';
import type { Dice } from './patchMatch.js';
import type { Stage } from './stage.js';

/** At most so many patches are compared in all; above it, sources are sampled. */
const COMPARISONS = 200_000;

/** Fills the level's hole, and the field with the matches found on the way. */
export function peel({ level, places, field }: Stage, dice: Dice): void {
  const { centres, targets } = places;
  const { width, height, hole, source, colour, rough } = level;
  const { match } = field;
  for (const a of targets) match[a] = -1;
  const known = new Uint8Array(hole.length);
  let left = 0;
  for (let i = 0; i < known.length; i++) {
    known[i] = source[i]!;
    left += hole[i]!;
  }
  const filled = Uint8Array.from(hole, (value) => 1 - value);
  const tries = Math.max(1, Math.min(centres.length, Math.floor(COMPARISONS / Math.max(1, left))));
  const stride = centres.length / tries;
  const around = new Part(level);
  while (left > 0) {
    const rim = rimOf(hole, filled, width, height);
    if (rim.length === 0) break;
    for (const p of rim) {
      const a = centreNear(p, width, height);
      let best = -1;
      let lowest = 2 ** 31 - 1; // whole, as the sums are
      around.gather(known, a);
      const start = tries === centres.length ? 0 : dice.below(Math.ceil(stride));
      for (let t = 0; t < tries; t++) {
        const b = centres[Math.min(centres.length - 1, Math.floor(start + t * stride))]!;
        const found = around.cost(b, lowest);
        if (found < lowest) [best, lowest] = [b, found];
      }
      match[a] = best;
      const q = best + (p - a);
      for (let c = 0; c < 3; c++) colour[p * 3 + c] = colour[q * 3 + c]!;
      for (let k = 0; k < 2; k++) rough[p * 2 + k] = rough[q * 2 + k]!;
    }
    for (const p of rim) {
      known[p] = 1;
      filled[p] = 1;
    }
    left -= rim.length;
  }
  for (const a of targets) if (match[a]! < 0) match[a] = centres[dice.below(centres.length)]!;
}

/** Hole pixels not filled yet that have a filled neighbour. */
function rimOf(hole: Uint8Array, filled: Uint8Array, width: number, height: number): number[] {
  const rim: number[] = [];
  for (let i = 0; i < hole.length; i++) {
    if (filled[i] || !hole[i]) continue;
    const x = i % width;
    const y = Math.floor(i / width);
    const touches =
      (x > 0 && filled[i - 1]) ||
      (x < width - 1 && filled[i + 1]) ||
      (y > 0 && filled[i - width]) ||
      (y < height - 1 && filled[i + width]);
    if (touches) rim.push(i);
  }
  return rim;
}
