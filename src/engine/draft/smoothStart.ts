/**
 * A first guess at the coarsest size: the smoothest surface from the sources around. It gets the tone of plain ground
 * right where a peel from the rim inwards runs astray; lines and rows it does not see.
 */
import { solveMembrane } from './membrane.js';
import type { Dice } from './patchMatch.js';
import type { Stage } from './stage.js';

/** Fills the level's hole, colour and roughness; matches are drawn by chance. */
export function smoothStart({ level, places, field }: Stage, dice: Dice): void {
  const { targets, centres } = places;
  const { width, height, hole, source, colour, rough } = level;
  const smooth = surfaceOver(source, width, height, (i, c) => colour[i * 3 + c]!);
  const roughness = surfaceOver(source, width, height, (i, c) => (c < 2 ? rough[i * 2 + c]! : 0));
  for (let i = 0; i < hole.length; i++) {
    if (!hole[i]) continue;
    for (let c = 0; c < 3; c++) colour[i * 3 + c] = Math.min(255, Math.max(0, smooth[i * 3 + c]!));
    for (let c = 0; c < 2; c++) rough[i * 2 + c] = Math.max(0, roughness[i * 3 + c]!);
  }
  for (const a of targets) field.match[a] = centres[dice.below(centres.length)]!;
}

/** Three channels that agree with the sources and are harmonic elsewhere: the sources' mean plus a membrane. */
function surfaceOver(
  source: Uint8Array,
  width: number,
  height: number,
  at: (i: number, c: number) => number,
): Float32Array {
  const mean = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < source.length; i++) {
    if (!source[i]) continue;
    count++;
    for (let c = 0; c < 3; c++) mean[c]! += at(i, c);
  }
  for (let c = 0; c < 3; c++) mean[c]! /= Math.max(1, count);
  const free = source.map((value) => 1 - value);
  const push = new Float32Array(source.length * 3);
  for (let i = 0; i < source.length; i++) {
    if (!free[i]) continue;
    const x = i % width;
    const around = [
      x > 0 ? i - 1 : i,
      x < width - 1 ? i + 1 : i,
      i >= width ? i - width : i,
      i < source.length - width ? i + width : i,
    ];
    for (const j of around)
      if (source[j]) for (let c = 0; c < 3; c++) push[i * 3 + c]! += at(j, c) - mean[c]!;
  }
  const surface = solveMembrane(free, push, width, height);
  for (let i = 0; i < surface.length; i++) surface[i]! += mean[i % 3]!;
  return surface;
}
