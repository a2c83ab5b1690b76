/**
 * The nearest patch of the sources for every patch that touches the hole.
 *
 * C. Barnes, E. Shechtman, A. Finkelstein, D. Goldman, "PatchMatch: A Randomized Correspondence Algorithm for
 * Structural Image Editing", SIGGRAPH 2009: good matches are passed on to neighbours (3.2, propagation), and around
 * each match shrinking windows are searched at random (3.2, random search).
 */
import { leastCost, Part, patchCost, renewSums, roughCost, rowCost } from './compare.js';
import { offsetAt } from './offsetCosts.js';
import { ends, type Stage } from './stage.js';

/** Whole numbers 0 … 2³² − 1 from a seed: xorshift32 (Marsaglia 2003), inlined here because it is asked so often. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed | 0, 0x9e3779b1) ^ 0x6d2b79f5 || 1;
    for (let i = 0; i < 8; i++) this.next();
  }

  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x >>> 0;
  }

  /** 0 … limit − 1. */
  below(limit: number): number {
    return Math.floor(this.next() * 2 ** -32 * limit);
  }
}

/** What one search of a level is done with, strip by strip; arrays are shared by all threads. */
export interface Search {
  readonly stage: Stage;
  readonly seed: number;
  /** Passes alternate between reading order and its reverse. */
  readonly passes: number;
  /** The first window's half side; it is halved down to 1. */
  readonly reach: number;
}

/**
 * Improves a strip of the field in place. Matches beyond the strip's ends are those from before the search: strips do not
 * wait for each other, and the result does not depend on who comes first.
 */
export function searchStrip({ stage, seed, passes, reach }: Search, strip: number): void {
  const { level, before, sums, offsetCosts } = stage;
  const { whole, targets, mixed, compared } = stage.places;
  const { match, cost } = stage.field;
  const { width, height, colour, rough } = level;
  const dice = new Dice(seed + strip);
  const part = new Part(level);
  const aRow = rowCost(level);
  let gathered = -1;
  const [from, to] = ends(targets.length, stage.strips, strip);
  const [first, last] = [targets[from]!, targets[to - 1]!];
  /**
   * Makes b a target's match where it costs less than the one it has. Fractions are kept in arrays and passed to nobody:
   * each call with one would make garbage, and collecting that takes longer than comparing.
   */
  const takes = (a: number, b: number): boolean => {
    const limit = cost[a]!;
    const rows = Math.floor(a / width) - Math.floor(b / width);
    let unlike = roughCost(rough, a, b) + aRow * rows * rows;
    if (offsetCosts.length > 0) unlike += offsetCosts[offsetAt(width, height, a, b)]!;
    if (unlike >= limit) return false;
    if (mixed[a]) {
      if (gathered !== a) part.gather(compared, a);
      gathered = a;
      unlike += part.scale * part.cost(b, wholeFrom((limit - unlike) / part.scale));
    } else {
      if (unlike + leastCost(sums, a, b) >= limit) return false;
      unlike += patchCost(colour, width, a, b, wholeFrom(limit - unlike));
    }
    if (unlike >= limit) return false;
    match[a] = b;
    cost[a] = unlike;
    return true;
  };
  // what is guessed in the hole has changed since the field was made
  renewSums(level, targets.subarray(from, to), sums);
  for (let t = from; t < to; t++) {
    const a = targets[t]!;
    if (match[a]! < 0) continue;
    cost[a] = Number.POSITIVE_INFINITY;
    takes(a, match[a]!);
  }

  for (let pass = 0; pass < passes; pass++) {
    const step = pass % 2 === 0 ? 1 : -1;
    for (let t = step > 0 ? from : to - 1; t >= from && t < to; t += step) {
      const a = targets[t]!;
      if (cost[a] === 0) continue;
      for (let along = step; ; along = step * width) {
        const beside = a - along;
        const neighbour = beside >= first && beside <= last ? match[beside]! : before[beside]!;
        const b = neighbour + along;
        if (neighbour >= 0 && b !== match[a] && b >= 0 && b < whole.length && whole[b]) takes(a, b);
        if (along !== step) break;
      }
      let centreX = match[a]! % width;
      let centreY = (match[a]! - centreX) / width;
      for (let radius = reach; radius >= 1; radius >>= 1) {
        const x = centreX - radius + dice.below(2 * radius + 1);
        const y = centreY - radius + dice.below(2 * radius + 1);
        if (x < 0 || y < 0 || x >= width || y >= height) continue;
        const b = y * width + x;
        if (b === match[a] || !whole[b] || !takes(a, b)) continue;
        centreX = x;
        centreY = y;
      }
    }
  }
}

/** The least whole number that is not below a limit of sums, which are below 2³⁰. */
const wholeFrom = (limit: number): number => Math.ceil(Math.min(limit, 2 ** 30));
