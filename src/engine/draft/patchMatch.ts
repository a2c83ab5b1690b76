/**
 * The nearest patch of the sources for every patch that touches the hole.
 *
 * C. Barnes, E. Shechtman, A. Finkelstein, D. Goldman, "PatchMatch: A Randomized Correspondence Algorithm for
 * Structural Image Editing", SIGGRAPH 2009: good matches are passed on to neighbours (3.2, propagation), and around
 * each match shrinking windows are searched at random (3.2, random search).
 */
import { type Level, PATCH, type Places, RADIUS } from './level.js';

/** A difference in roughness counts so many times one of colour, over a whole patch of three colours. */
const ROUGHNESS = 2 * 3 * PATCH * PATCH;

/** Where every target's match lies, and the sum of squared differences to it; other places are -1. */
export interface Field {
  readonly match: Int32Array;
  readonly cost: Float32Array;
}

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

/**
 * Sum of squared differences of the patches around a and b; stops once it reaches `limit`. Rows lie three apart, one after
 * the other: neighbouring rows tell the same, and most candidates are to be told off by few.
 */
export function patchCost(colour: Uint8Array, width: number, a: number, b: number, limit: number): number {
  const corner = RADIUS * width + RADIUS;
  const p = (a - corner) * 3;
  const apart = (b - a) * 3;
  const stride = width * 3;
  let sum = 0;
  let y = RADIUS;
  for (let row = 0; row < PATCH; row++) {
    const from = p + y * stride;
    for (let k = from; k < from + PATCH * 3; k += 3) {
      const r = colour[k]! - colour[k + apart]!;
      const g = colour[k + 1]! - colour[k + apart + 1]!;
      const l = colour[k + 2]! - colour[k + apart + 2]!;
      sum += r * r + g * g + l * l;
    }
    if (sum >= limit) return sum;
    y = y + 3 < PATCH ? y + 3 : y + 3 - PATCH;
  }
  return sum;
}

/** The same over those pixels of the patch around a that `counts`, scaled to a whole patch. */
export function partialCost(
  level: Level,
  counts: Uint8Array,
  a: number,
  b: number,
  limit = Number.POSITIVE_INFINITY,
): number {
  const { colour, width } = level;
  let sum = 0;
  let count = 0;
  for (let y = -RADIUS; y <= RADIUS; y++) {
    for (let x = -RADIUS; x <= RADIUS; x++) {
      const p = a + y * width + x;
      if (!counts[p]) continue;
      const q = b + y * width + x;
      count++;
      for (let c = 0; c < 3; c++) {
        const d = colour[p * 3 + c]! - colour[q * 3 + c]!;
        sum += d * d;
      }
    }
    if (sum >= limit) return sum; // the whole patch's cost is not below its part's
  }
  return count === 0 ? Number.MAX_SAFE_INTEGER : (sum * PATCH * PATCH) / count;
}

/** How unlike the roughness around a and b is, in the unit of `patchCost`. */
function roughCost(rough: Float32Array, a: number, b: number): number {
  const across = rough[a * 2]! - rough[b * 2]!;
  const down = rough[a * 2 + 1]! - rough[b * 2 + 1]!;
  return ROUGHNESS * (across * across + down * down);
}

/** A field without matches. */
export function emptyField(level: Level): Field {
  const size = level.width * level.height;
  return {
    match: new Int32Array(size).fill(-1),
    cost: new Float32Array(size).fill(Number.POSITIVE_INFINITY),
  };
}

export interface SearchOptions {
  readonly passes: number;
  /** The first window's half side; it is halved down to 1. */
  readonly reach: number;
}

/** Improves the field in place: passes alternate between reading order and its reverse. */
export function search(
  level: Level,
  { whole, targets, mixed, compared }: Places,
  { match, cost }: Field,
  dice: Dice,
  { passes, reach }: SearchOptions,
): void {
  const { width, height, colour, rough } = level;
  const costOf = (a: number, b: number, limit: number): number => {
    const unlike = roughCost(rough, a, b);
    if (unlike >= limit) return unlike;
    return (
      unlike +
      (mixed[a]
        ? partialCost(level, compared, a, b, limit - unlike)
        : patchCost(colour, width, a, b, limit - unlike))
    );
  };
  // what is guessed in the hole has changed since the field was made
  for (let t = 0; t < targets.length; t++) {
    const a = targets[t]!;
    if (match[a]! >= 0) cost[a] = costOf(a, match[a]!, Number.POSITIVE_INFINITY);
  }

  for (let pass = 0; pass < passes; pass++) {
    const step = pass % 2 === 0 ? 1 : -1;
    for (let t = step > 0 ? 0 : targets.length - 1; t >= 0 && t < targets.length; t += step) {
      const a = targets[t]!;
      let best = match[a]!;
      let lowest = cost[a]!;
      if (lowest === 0) continue;
      for (let along = step; ; along = step * width) {
        const neighbour = match[a - along]!;
        const b = neighbour + along;
        if (neighbour >= 0 && b !== best && b >= 0 && b < whole.length && whole[b]) {
          const found = costOf(a, b, lowest);
          if (found < lowest) {
            best = b;
            lowest = found;
          }
        }
        if (along !== step) break;
      }
      let centreX = best % width;
      let centreY = (best - centreX) / width;
      for (let radius = reach; radius >= 1; radius >>= 1) {
        const x = centreX - radius + dice.below(2 * radius + 1);
        const y = centreY - radius + dice.below(2 * radius + 1);
        if (x < 0 || y < 0 || x >= width || y >= height) continue;
        const b = y * width + x;
        if (b === best || !whole[b]) continue;
        const found = costOf(a, b, lowest);
        if (found < lowest) {
          best = b;
          lowest = found;
          centreX = x;
          centreY = y;
        }
      }
      match[a] = best;
      cost[a] = lowest;
    }
  }
}
