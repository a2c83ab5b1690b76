/**
 * The steps between pieces of a hole that come from different places taken away: the gradients are copied and the colours
 * that have them sought (P. Pérez, M. Gangnet, A. Blake, "Poisson Image Editing", SIGGRAPH 2003). Only the correction is
 * solved for, which is smooth, so that a few multigrid cycles do.
 */
import { blockMembrane, type Rows } from './blockMembrane.js';
import type { Ground } from './level.js';
import type { Offsets } from './offsets.js';
import { Steps } from './steps.js';

/**
 * A step of so much (of 255) is half a seam, half an edge of the picture; a larger one is left as it is. Evening out
 * an edge would smear its colours over the hole.
 */
const SEAM = 32;

/** How much of a block is hole. */
const [NONE, SOME, ALL] = [0, 1, 2] as const;

/** What to add to the pixels where they come from, by rows of the offsets' box. */
export function correctionOf(ground: Ground, offsets: Offsets): Rows {
  const { width, height, left, top } = offsets.box;
  const inside = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const at = (top + y) * ground.width + left;
    inside.set(ground.hole.subarray(at, at + width), y * width);
  }
  return blockMembrane(inside, stepsOf(ground, offsets, inside), width, height, offsets.block);
}

/** Inside a block that is all hole there is no step. */
function stepsOf(
  { width: across, colour, hole }: Ground,
  { box, block, columns, shift }: Offsets,
  inside: Uint8Array,
): Steps {
  const { width, height } = box;
  const steps = new Steps(inside.length >> 4);
  const excess = new Float32Array(3);
  const filled = fillOf(inside, width, height, block);
  for (let b = 0; b < shift.length; b++) {
    const left = (b % columns) * block;
    const top = Math.floor(b / columns) * block;
    const right = Math.min(left + block, width);
    const bottom = Math.min(top + block, height);
    const beside = right < width ? b + 1 : b;
    const below = bottom < height ? b + columns : b;
    const whole = filled[b] === ALL && filled[beside] === ALL && filled[below] === ALL;
    if (whole) {
      if (shift[b] !== shift[beside]) for (let y = top; y < bottom; y++) compare(right - 1, y, 1, b, beside);
      if (shift[b] !== shift[below])
        for (let x = left; x < right; x++) compare(x, bottom - 1, width, b, below);
    } else if (filled[b] !== NONE || filled[beside] !== NONE || filled[below] !== NONE) {
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          if (x + 1 < width) compare(x, y, 1, b, x + 1 < right ? b : beside);
          if (y + 1 < height) compare(x, y, width, b, y + 1 < bottom ? b : below);
        }
      }
    }
  }
  return steps;

  /**
   * Between the pixel and the next one, of another block or not: how the step differs from that where the pixel comes from,
   * or where the next one does, whichever it differs less from. Not from their mean, which is smoother than either.
   */
  function compare(x: number, y: number, on: number, own: number, other: number): void {
    const p = y * width + x;
    const q = p + on;
    if (inside[p] ? inside[q] && shift[own] === shift[other] : !inside[q]) return;
    const at = (box.top + y) * across + box.left + x;
    const along = on === 1 ? 1 : across;
    const here = inside[p] ? at + shift[own]! : at;
    const there = inside[q] ? at + along + shift[other]! : at + along;
    const end = here + along;
    const start = there - along;
    const first = inside[p] === 1 && end < hole.length && !hole[end];
    const second = inside[q] === 1 && start >= 0 && !hole[start];
    if (!first && !second) return;
    const byFirst = first ? largestStep(end, there) : Number.POSITIVE_INFINITY;
    const bySecond = second ? largestStep(here, start) : Number.POSITIVE_INFINITY;
    const largest = Math.min(byFirst, bySecond);
    const [wanted, copied] = byFirst <= bySecond ? [end, there] : [here, start];
    for (let c = 0; c < 3; c++) excess[c] = colour[wanted * 3 + c]! - colour[copied * 3 + c]!;
    const square = (largest / SEAM) ** 2;
    const share = 1 / (1 + square * square);
    steps.add(p, q, share * excess[0]!, share * excess[1]!, share * excess[2]!);
  }

  function largestStep(a: number, b: number): number {
    let largest = 0;
    for (let k = a * 3, on = (b - a) * 3, last = k + 3; k < last; k++)
      largest = Math.max(largest, Math.abs(colour[k]! - colour[k + on]!));
    return largest;
  }
}

/** For each block whether none, some or all of its pixels are hole. */
function fillOf(inside: Uint8Array, width: number, height: number, block: number): Uint8Array {
  const columns = Math.ceil(width / block);
  const fill = new Uint8Array(columns * Math.ceil(height / block));
  for (let b = 0; b < fill.length; b++) {
    const left = (b % columns) * block;
    const top = Math.floor(b / columns) * block;
    const right = Math.min(left + block, width);
    const bottom = Math.min(top + block, height);
    let count = 0;
    for (let y = top; y < bottom; y++) {
      for (let i = y * width + left; i < y * width + right; i++) count += inside[i]!;
    }
    fill[b] = count === 0 ? NONE : count < (right - left) * (bottom - top) ? SOME : ALL;
  }
  return fill;
}
