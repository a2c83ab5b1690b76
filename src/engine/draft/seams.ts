/**
 * Pixels put in the hole from where they come from, and the steps between pieces from different places taken away: the
 * gradients are copied and the colours that have them sought (P. Pérez, M. Gangnet, A. Blake, "Poisson Image Editing",
 * SIGGRAPH 2003). Only the correction is solved for, which is smooth, so that a few multigrid cycles do.
 */
import type { Ground } from './level.js';
import { solveMembrane } from './membrane.js';

/**
 * A step of so much (of 255) is half a seam, half an edge of the picture; a larger one is left as it is. Evening out
 * an edge would smear its colours over the hole.
 */
const SEAM = 32;

/**
 * @param from the place each hole pixel comes from, never in the hole
 * @returns the level's colours with its hole filled, [height * width * 3]
 */
export function blendSeams({ width, height, colour, hole }: Ground, from: Int32Array): Uint8Array {
  const out = new Uint8Array(colour);
  for (let i = 0; i < hole.length; i++) {
    if (hole[i]) for (let c = 0; c < 3; c++) out[i * 3 + c] = colour[from[i]! * 3 + c]!;
  }
  const push = new Float32Array(hole.length * 3);
  const excess = [0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      if (x + 1 < width && hole[p]! | hole[p + 1]!) mend(p, p + 1);
      if (y + 1 < height && hole[p]! | hole[p + width]!) mend(p, p + width);
    }
  }
  const correction = solveMembrane(hole, push, width, height);
  for (let i = 0; i < hole.length; i++) {
    if (!hole[i]) continue;
    for (let c = 0; c < 3; c++) {
      out[i * 3 + c] = Math.min(255, Math.max(0, Math.round(out[i * 3 + c]! + correction[i * 3 + c]!)));
    }
  }
  return out;

  /** Between neighbours p and q: how much the step there differs from the step where they come from. */
  function mend(p: number, q: number): void {
    const along = q - p;
    if (hole[p] && hole[q] && from[q]! - from[p]! === along) return;
    const end = hole[p] ? from[p]! + along : -1;
    const start = hole[q] ? from[q]! - along : -1;
    const first = end >= 0 && end < hole.length && !hole[end];
    const second = start >= 0 && start < hole.length && !hole[start];
    if (!first && !second) return;
    let largest = 0;
    for (let c = 0; c < 3; c++) {
      let step = 0;
      if (first) step += colour[end * 3 + c]! - colour[from[p]! * 3 + c]!;
      if (second) step += colour[from[q]! * 3 + c]! - colour[start * 3 + c]!;
      if (first && second) step /= 2;
      excess[c] = step - (out[q * 3 + c]! - out[p * 3 + c]!);
      largest = Math.max(largest, Math.abs(excess[c]!));
    }
    const share = 1 / (1 + (largest / SEAM) ** 4);
    for (let c = 0; c < 3; c++) {
      push[q * 3 + c]! += share * excess[c]!;
      push[p * 3 + c]! -= share * excess[c]!;
    }
  }
}
