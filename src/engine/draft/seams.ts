/**
 * The matches' pixels put in the hole at full size, and the steps between pieces from different places taken away: the
 * gradients are copied and the colours that have them sought (P. Pérez, M. Gangnet, A. Blake, "Poisson Image Editing",
 * SIGGRAPH 2003). Only the correction is solved for, which is smooth, so that a few multigrid cycles do.
 */
import type { Level } from './level.js';
import type { Field } from './patchMatch.js';
import { centreNear } from './peel.js';
import { solveMembrane } from './membrane.js';

/** A step larger than this (of 255) is an edge of the picture, not a seam: it is evened out by so much only. */
const STEP = 28;

/** The level's colours with its hole filled: [height * width * 3]. */
export function blendSeams(level: Level, field: Field): Uint8Array {
  const { width, height, colour, hole } = level;
  const from = origins(level, field);
  const out = Uint8Array.from(colour);
  for (let i = 0; i < hole.length; i++) {
    if (hole[i]) for (let c = 0; c < 3; c++) out[i * 3 + c] = colour[from[i]! * 3 + c]!;
  }
  const push = new Float32Array(hole.length * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      if (x + 1 < width) wanted(p, p + 1, x + 1 < width);
      if (y + 1 < height) wanted(p, p + width, y + 1 < height);
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
  function wanted(p: number, q: number, _inside: boolean): void {
    if (!hole[p] && !hole[q]) return;
    const along = q - p;
    if (hole[p] && hole[q] && from[q]! - from[p]! === along) return;
    for (let c = 0; c < 3; c++) {
      let step = 0;
      let known = 0;
      if (hole[p]) {
        const end = from[p]! + along;
        if (end >= 0 && end < hole.length && !hole[end]) {
          step += colour[end * 3 + c]! - colour[from[p]! * 3 + c]!;
          known++;
        }
      }
      if (hole[q]) {
        const start = from[q]! - along;
        if (start >= 0 && start < hole.length && !hole[start]) {
          step += colour[from[q]! * 3 + c]! - colour[start * 3 + c]!;
          known++;
        }
      }
      if (known === 0) continue;
      const excess = step / known - (out[q * 3 + c]! - out[p * 3 + c]!);
      const mended = Math.max(-STEP, Math.min(STEP, excess));
      push[q * 3 + c]! += mended;
      push[p * 3 + c]! -= mended;
    }
  }
}

/** The place each hole pixel's colour comes from. */
function origins(level: Level, field: Field): Int32Array {
  const { width, height, hole } = level;
  const from = new Int32Array(hole.length).fill(-1);
  for (let i = 0; i < hole.length; i++) {
    if (!hole[i]) continue;
    const a = centreNear(i, width, height);
    from[i] = field.match[a]! + (i - a);
  }
  return from;
}
