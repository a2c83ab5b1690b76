/**
 * Pixels put in the hole from where they come from, and the steps between pieces from different places taken away: the
 * gradients are copied and the colours that have them sought (P. Pérez, M. Gangnet, A. Blake, "Poisson Image Editing",
 * SIGGRAPH 2003). Only the correction is solved for, which is smooth, so that a few multigrid cycles do.
 */
import type { Box } from '../masks/mask.js';
import { solveBlockMembrane } from './blockMembrane.js';
import type { Ground } from './level.js';

/**
 * A step of so much (of 255) is half a seam, half an edge of the picture; a larger one is left as it is. Evening out
 * an edge would smear its colours over the hole.
 */
const SEAM = 32;

/** Where the pixels of a hole come from. */
export interface Offsets {
  /** A part of the ground with all of the hole, and a pixel more where the ground goes on. */
  readonly box: Box;
  /** For each of its pixels the index in the ground, never in the hole; -1 outside the hole. */
  readonly from: Int32Array;
  /** Squares of so many pixels a side come from the same place; the box begins with one. */
  readonly block: number;
}

/** @returns the box's colours with its hole filled, [height * width * 3]; outside the hole they mean nothing */
export function blendSeams(
  { width: across, colour, hole }: Ground,
  { box, from, block }: Offsets,
): Uint8Array {
  const { width, height } = box;
  const push = new Float32Array(from.length * 3);
  const excess = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    const row = (box.top + y) * across + box.left;
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      const here = from[p]!;
      if (x + 1 < width) {
        const next = from[p + 1]!;
        if (here >= 0 ? next !== here + 1 : next >= 0) mend(p, p + 1, row + x, 1);
      }
      if (y + 1 < height) {
        const next = from[p + width]!;
        if (here >= 0 ? next !== here + across : next >= 0) mend(p, p + width, row + x, across);
      }
    }
  }
  const inside = new Uint8Array(from.length);
  for (let i = 0; i < inside.length; i++) inside[i] = from[i]! >= 0 ? 1 : 0;
  const correction = solveBlockMembrane(inside, push, width, height, block);
  const out = new Uint8Array(from.length * 3);
  for (let i = 0; i < from.length; i++) {
    if (!inside[i]) continue;
    const source = from[i]! * 3;
    for (let c = 0; c < 3; c++) {
      const value = Math.round(colour[source + c]! + correction[i * 3 + c]!);
      out[i * 3 + c] = Math.min(255, Math.max(0, value));
    }
  }
  return out;

  /** Between neighbours p and q of the box: how much the step there differs from the step where they come from. */
  function mend(p: number, q: number, at: number, along: number): void {
    const [a, b] = [from[p]!, from[q]!];
    const end = a >= 0 ? a + along : -1;
    const start = b >= 0 ? b - along : -1;
    const first = end >= 0 && end < hole.length && !hole[end];
    const second = start >= 0 && start < hole.length && !hole[start];
    if (!first && !second) return;
    const here = (a >= 0 ? a : at) * 3;
    const there = (b >= 0 ? b : at + along) * 3;
    let largest = 0;
    for (let c = 0; c < 3; c++) {
      let step = 0;
      if (first) step += colour[end * 3 + c]! - colour[here + c]!;
      if (second) step += colour[there + c]! - colour[start * 3 + c]!;
      if (first && second) step /= 2;
      excess[c] = step - (colour[there + c]! - colour[here + c]!);
      largest = Math.max(largest, Math.abs(excess[c]!));
    }
    const share = 1 / (1 + (largest / SEAM) ** 4);
    for (let c = 0; c < 3; c++) {
      push[q * 3 + c]! += share * excess[c]!;
      push[p * 3 + c]! -= share * excess[c]!;
    }
  }
}
