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

/** What a level's votes are counted with. */
export interface Ballot {
  /** How much each place is trusted: 1 at what is known, falling into the hole. */
  readonly trust: Float32Array;
  /** Of each patch; room for every count. */
  readonly weight: Float32Array;
  /** 1 where a patch's match goes on those left of it and above; room for every count. */
  readonly agrees: Uint8Array;
}

export function ballotOf({ width, height, hole }: Level): Ballot {
  const trust = distanceTo(invert({ width, height, data: hole }));
  for (let i = 0; i < trust.length; i++) trust[i] = trust[i] === 0 ? 1 : DEEPER ** -Math.min(trust[i]!, 60);
  return { trust, weight: new Float32Array(hole.length), agrees: new Uint8Array(hole.length) };
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
  { trust, weight, agrees }: Ballot,
  sharp = false,
): number {
  const { width, height, colour, hole, rough } = level;
  const { targets, holes } = places;
  const spread = 2 * Math.max(1, percentile(cost, targets, 0.75));
  weight.fill(0);
  agrees.fill(0);
  for (let t = 0; t < targets.length; t++) {
    const a = targets[t]!;
    weight[a] = Math.exp(-cost[a]! / spread) * trust[a]! + 1e-12;
    const there = match[a]!;
    if (match[a - 1] === there - 1 && match[a - width] === there - width && there >= width) agrees[a] = 1;
  }
  // where all patches over a pixel come from the same place, they say the same
  const agreeing = boxSums(agrees, width, height);
  let changed = 0;
  for (let n = 0; n < holes.length; n++) {
    const p = holes[n]!;
    const [red, green] = [colour[p * 3]!, colour[p * 3 + 1]!];
    if (agreeing[p] === PATCH * PATCH) copy(p, match[p]!);
    else if (sharp) copy(p, best(p));
    else mean(p);
    if (red !== colour[p * 3] || green !== colour[p * 3 + 1]) changed++;
  }
  return changed / Math.max(1, holes.length);

  function copy(p: number, from: number): void {
    if (from < 0) return;
    for (let c = 0; c < 3; c++) colour[p * 3 + c] = colour[from * 3 + c]!;
    for (let c = 0; c < 2; c++) rough[p * 2 + c] = rough[from * 2 + c]!;
  }

  // Patches lie inside the level: what a row's ends run over into has no weight.

  /** What the patch of most weight has for the pixel; -1 where there is none. */
  function best(p: number): number {
    let most = 0;
    let from = -1;
    const last = Math.min(hole.length - 1, p + RADIUS * width + RADIUS);
    for (let row = p - RADIUS * width - RADIUS; row <= last; row += width) {
      for (let a = Math.max(0, row); a < Math.min(hole.length, row + PATCH); a++) {
        if (weight[a]! <= most) continue;
        most = weight[a]!;
        from = match[a]! + p - a;
      }
    }
    return from;
  }

  function mean(p: number): void {
    let [red, green, blue, total, across, down] = [0, 0, 0, 0, 0, 0];
    const last = Math.min(hole.length - 1, p + RADIUS * width + RADIUS);
    for (let row = p - RADIUS * width - RADIUS; row <= last; row += width) {
      for (let a = Math.max(0, row); a < Math.min(hole.length, row + PATCH); a++) {
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
