/**
 * What the matched patches say about each pixel of the hole: Y. Wexler, E. Shechtman, M. Irani, "Space-Time Completion
 * of Video", PAMI 2007, equation 3: the mean of all patches over the pixel, each weighted by how well it matches and
 * by how far it lies from what is known.
 */
import { distanceTo } from '../masks/distance.js';
import { invert } from '../masks/mask.js';
import { type Level, RADIUS } from './level.js';
import type { Field } from './patchMatch.js';

/** A pixel one step deeper in the hole is this much less to be trusted (Wexler 2007, section 3.1, γ = 1.3). */
const DEEPER = 1.3;

/** How much each place is trusted: 1 at what is known, falling into the hole. */
export function trustOf(level: Level): Float32Array {
  const { width, height, hole } = level;
  const depth = distanceTo(invert({ width, height, data: hole }));
  return depth.map((d) => DEEPER ** -Math.min(d, 60));
}

/** Writes the means into the level's hole. */
export function vote(level: Level, { match, cost }: Field, trust: Float32Array): void {
  const { width, colour, hole, targets } = level;
  const spread = 2 * Math.max(1, percentile(cost, targets, 0.75));
  const sums = new Float32Array(hole.length * 4);
  for (const a of targets) {
    const b = match[a]!;
    if (b < 0) continue;
    const weight = Math.exp(-cost[a]! / spread) * trust[a]! + 1e-12;
    for (let y = -RADIUS; y <= RADIUS; y++) {
      const row = a + y * width;
      const from = b + y * width;
      for (let x = -RADIUS; x <= RADIUS; x++) {
        const p = row + x;
        if (!hole[p]) continue;
        const q = (from + x) * 3;
        sums[p * 4]! += weight * colour[q]!;
        sums[p * 4 + 1]! += weight * colour[q + 1]!;
        sums[p * 4 + 2]! += weight * colour[q + 2]!;
        sums[p * 4 + 3]! += weight;
      }
    }
  }
  for (let p = 0; p < hole.length; p++) {
    const weight = sums[p * 4 + 3]!;
    if (!hole[p] || weight === 0) continue;
    for (let c = 0; c < 3; c++) colour[p * 3 + c] = Math.round(sums[p * 4 + c]! / weight);
  }
}

/** The value below which a share of the targets' costs lie (by a sample of at most 2,000 of them). */
function percentile(cost: Float32Array, targets: Int32Array, share: number): number {
  const stride = Math.max(1, Math.floor(targets.length / 2000));
  const sample: number[] = [];
  for (let t = 0; t < targets.length; t += stride) sample.push(cost[targets[t]!]!);
  sample.sort((p, q) => p - q);
  return sample[Math.floor(share * (sample.length - 1))] ?? 0;
}
