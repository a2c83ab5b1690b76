/**
 * What the matched patches say about each pixel of the hole: Y. Wexler, E. Shechtman, M. Irani, "Space-Time Completion
 * of Video", PAMI 2007, equation 3: the mean of all patches over the pixel, each weighted by how well it matches and
 * by how far it lies from what is known.
 */
import { PATCH, RADIUS } from './level.js';
import { ends, type Stage } from './stage.js';

export interface Weighing {
  readonly stage: Stage;
  /** Matches that cost so much more weigh a share of 1/e. */
  readonly spread: number;
}

export interface Telling {
  readonly stage: Stage;
  /** Pixels become what the patch of most weight says, not the mean of all. */
  readonly sharp: boolean;
}

/** Weighs a strip's matches. */
export function weigh({ stage, spread }: Weighing, strip: number): void {
  const { level, places, field, ballot, strips } = stage;
  const { targets } = places;
  const { match, cost } = field;
  const { trust, weight, agrees } = ballot;
  const { width } = level;
  const [from, to] = ends(targets.length, strips, strip);
  for (let t = from; t < to; t++) {
    const a = targets[t]!;
    weight[a] = Math.exp(-cost[a]! / spread) * trust[a]! + 1e-12;
    const there = match[a]!;
    const goesOn = match[a - 1] === there - 1 && match[a - width] === there - width && there >= width;
    agrees[a] = goesOn ? 1 : 0;
  }
}

/** Writes a strip of the hole's pixels, and how many of them changed. */
export function tell({ stage, sharp }: Telling, strip: number): void {
  const { colour, hole, rough, width } = stage.level;
  const { holes } = stage.places;
  const { match } = stage.field;
  const { weight, agreeing } = stage.ballot;
  const [start, end] = ends(holes.length, stage.strips, strip);
  let changed = 0;
  for (let n = start; n < end; n++) {
    const p = holes[n]!;
    const [red, green] = [colour[p * 3]!, colour[p * 3 + 1]!];
    if (agreeing[p] === PATCH * PATCH) copy(p, match[p]!);
    else if (sharp) copy(p, best(p));
    else mean(p);
    if (red !== colour[p * 3] || green !== colour[p * 3 + 1]) changed++;
  }
  stage.changed[strip] = changed;

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
    // each for itself: taken out of a list they are made anew with every sum
    let red = 0;
    let green = 0;
    let blue = 0;
    let total = 0;
    let across = 0;
    let down = 0;
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

/** How far costs are spread: twice the value that three quarters of them lie below, by a sample of at most some 2,000. */
export function spreadOf({ places, field }: Stage): number {
  const { targets } = places;
  const stride = Math.max(1, Math.floor(targets.length / 2000));
  const sample = new Float32Array(Math.ceil(targets.length / stride));
  for (let n = 0; n < sample.length; n++) sample[n] = field.cost[targets[n * stride]!]!;
  sample.sort();
  return 2 * Math.max(1, sample[Math.floor(0.75 * (sample.length - 1))] ?? 0);
}
