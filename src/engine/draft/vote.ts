/**
 * What the matched patches say about each pixel of the hole: Y. Wexler, E. Shechtman, M. Irani, "Space-Time Completion
 * of Video", PAMI 2007, equation 3: the mean of all patches over the pixel, each weighted by how well it matches and
 * by how far it lies from what is known.
 */
import { distanceTo } from '../masks/distance.js';
import { invert } from '../masks/mask.js';
import { boxSums, type Level, PATCH, type Places, RADIUS } from './level.js';
import type { Field } from './patchMatch.js';

/** A pixel one step deeper in the hole is this much less to be trusted (Wexler 2007, section 3.1, γ = 1.3). */
const DEEPER = 1.3;

/** How much each place is trusted: 1 at what is known, falling into the hole. */
export function trustOf({ width, height, hole }: Level): Float32Array {
  const depth = distanceTo(invert({ width, height, data: hole }));
  return depth.map((d) => DEEPER ** -Math.min(d, 60));
}

/**
 * Writes what the patches say into the level's hole: their mean, or, for `sharp` pictures, what the one of most weight
 * says.
 *
 * @returns the share of its pixels that changed
 */
export function vote(
  level: Level,
  places: Places,
  { match, cost }: Field,
  trust: Float32Array,
  sharp = false,
): number {
  const { width, height, colour, hole, rough } = level;
  const { targets } = places;
  const spread = 2 * Math.max(1, percentile(cost, targets, 0.75));
  const weight = new Float32Array(hole.length);
  const agrees = new Uint8Array(hole.length);
  for (const a of targets) {
    weight[a] = Math.exp(-cost[a]! / spread) * trust[a]! + 1e-12;
    const shift = match[a]! - a;
    const left = match[a - 1]! >= 0 && match[a - 1]! - a + 1 === shift;
    if (left && match[a - width]! >= 0 && match[a - width]! - a + width === shift) agrees[a] = 1;
  }
  // where all patches over a pixel come from the same place, they say the same
  const agreeing = boxSums(agrees, width, height);
  const was = new Uint8Array(colour);
  let changed = 0;
  let size = 0;
  for (let p = 0; p < hole.length; p++) {
    if (!hole[p]) continue;
    size++;
    if (agreeing[p] === PATCH * PATCH) {
      const q = match[p]! * 3;
      colour[p * 3] = colour[q]!;
      colour[p * 3 + 1] = colour[q + 1]!;
      colour[p * 3 + 2] = colour[q + 2]!;
      rough[p * 2] = rough[match[p]! * 2]!;
      rough[p * 2 + 1] = rough[match[p]! * 2 + 1]!;
    } else if (sharp) best(p);
    else mean(p);
    if (was[p * 3] !== colour[p * 3] || was[p * 3 + 1] !== colour[p * 3 + 1]) changed++;
  }
  return changed / Math.max(1, size);

  function best(p: number): void {
    const x = p % width;
    const y = Math.floor(p / width);
    let most = 0;
    let r = -1;
    for (let dy = Math.max(-RADIUS, -y); dy <= Math.min(RADIUS, height - 1 - y); dy++) {
      for (let dx = Math.max(-RADIUS, -x); dx <= Math.min(RADIUS, width - 1 - x); dx++) {
        const a = p + dy * width + dx;
        if (weight[a]! <= most) continue;
        most = weight[a]!;
        r = match[a]! + p - a;
      }
    }
    if (r < 0) return;
    for (let c = 0; c < 3; c++) colour[p * 3 + c] = colour[r * 3 + c]!;
    for (let c = 0; c < 2; c++) rough[p * 2 + c] = rough[r * 2 + c]!;
  }

  function mean(p: number): void {
    const x = p % width;
    const y = Math.floor(p / width);
    let [red, green, blue, total, across, down] = [0, 0, 0, 0, 0, 0];
    for (let dy = Math.max(-RADIUS, -y); dy <= Math.min(RADIUS, height - 1 - y); dy++) {
      for (let dx = Math.max(-RADIUS, -x); dx <= Math.min(RADIUS, width - 1 - x); dx++) {
        const a = p + dy * width + dx;
        const w = weight[a]!;
        if (w === 0) continue;
        const r = match[a]! + p - a;
        const q = r * 3;
        red += w * colour[q]!;
        green += w * colour[q + 1]!;
        blue += w * colour[q + 2]!;
        across += w * rough[r * 2]!;
        down += w * rough[r * 2 + 1]!;
        total += w;
      }
    }
    if (total === 0) return;
    colour[p * 3] = red / total + 0.5;
    colour[p * 3 + 1] = green / total + 0.5;
    colour[p * 3 + 2] = blue / total + 0.5;
    rough[p * 2] = across / total;
    rough[p * 2 + 1] = down / total;
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
