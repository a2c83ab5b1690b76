/**
 * What an offset costs by itself: how unlike the sources are, on average, to what lies so far from them. Where a picture repeats
 * itself (courses of bricks, a weave, tiles) few offsets keep what repeats in step (K. He, J. Sun, "Statistics of Patch
 * Offsets for Image Completion", ECCV 2012), which patches that are smaller than a brick cannot tell.
 */
import { AREA } from './compare.js';
import type { Level, Places } from './level.js';

/** Levels of more pixels go on with what the coarser ones have found. */
const LARGEST = 40_000;
/** So many pairs of pixels are compared, … */
const PAIRS = 2_000_000;
/** … each of some places with all others, of which there are at most so many. */
const MOST = 400;
/** An offset is thought average until more pairs than this tell otherwise. */
const DOUBT = 40;
/** Differences in lightness of more than this, of 255, count as this: another thing, or the same out of step. */
const OTHER = 30;
/** What a patch would differ by on average counts so much beside what it does differ by. */
const SHARE = 0.5;

/** Of three colours' sum. */
const LARGEST_SQUARE = (3 * OTHER) ** 2;
/** A pair is counted above the sum of squares, which stays below it for MOST pairs. */
const PAIR_BITS = 22;
const PAIR = 2 ** PAIR_BITS;

/** In the unit of `patchCost`, by `offsetAt`, [(2 * height - 1) * (2 * width - 1)]; none for large levels. */
export function offsetCosts({ width, height, colour, source }: Level, { centres }: Places): Float32Array {
  if (width * height > LARGEST) return new Float32Array(0);
  const told = new Int32Array((2 * width - 1) * (2 * height - 1)); // how many pairs, and the sum of their squares
  const light = new Int16Array(source.length);
  for (let i = 0; i < light.length; i++) {
    const sum = colour[i * 3]! + colour[i * 3 + 1]! + colour[i * 3 + 2]!;
    light[i] = source[i] ? sum : -1;
  }
  const places = Math.min(centres.length, MOST, Math.ceil(PAIRS / light.length));
  for (let n = 0; n < places; n++) {
    const p = centres[Math.floor((n * centres.length) / places)]!;
    const own = light[p]!;
    for (let y = 0, q = 0; y < height; y++) {
      let offset = offsetAt(width, height, p, q);
      for (const end = q + width; q < end; q++, offset++) {
        const other = light[q]!;
        if (other < 0) continue;
        const difference = other - own;
        const square = difference * difference;
        told[offset]! += square < LARGEST_SQUARE ? PAIR + square : PAIR + LARGEST_SQUARE;
      }
    }
  }
  let [all, pairs] = [0, 0];
  for (let i = 0; i < told.length; i++) {
    all += told[i]! & (PAIR - 1);
    pairs += told[i]! >>> PAIR_BITS;
  }
  const average = (DOUBT * all) / pairs;
  const unit = (SHARE * AREA) / 3; // three colours a pixel, of a third of the sum each
  const costs = new Float32Array(told.length);
  for (let i = 0, j = told.length - 1; i <= j; i++, j--) {
    const sum = (told[i]! & (PAIR - 1)) + (told[j]! & (PAIR - 1));
    const count = (told[i]! >>> PAIR_BITS) + (told[j]! >>> PAIR_BITS);
    costs[i] = costs[j] = (unit * (sum + average)) / (count + DOUBT);
  }
  return costs;
}

/** Where the offset from one place to another lies in `offsetCosts`. */
export function offsetAt(width: number, height: number, from: number, to: number): number {
  const rows = Math.floor(to / width) - Math.floor(from / width);
  return to - from + (rows + height) * (width - 1) + (height - 1) * width;
}
