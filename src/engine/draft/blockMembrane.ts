/**
 * The smooth surface of `membrane.ts` where seams lie between square blocks of pixels: a half of the size tells what bends
 * it there as exactly, so that at full size little but the region's rim is left to do.
 */
import { type Grid, gridOf, halved, relax, solveMembrane } from './membrane.js';

/** A half of more pixels is itself solved from its half. */
const LARGE = 400_000;
/** Sweeps at full size after half of it was solved. */
const SWEEPS = 3;

/**
 * @param inside 1 where the surface is free, [height * width]
 * @param push [height * width * 3]; of neighbouring pixels of one block none bends the surface
 * @param block the blocks' side, a power of 2; the first begins at the corner. Of 1, any neighbours may bend it
 * @returns the surface, [height * width * 3]
 */
export function solveBlockMembrane(
  inside: Uint8Array,
  push: Float32Array,
  width: number,
  height: number,
  block: number,
): Float32Array {
  if (block < 2) return solveMembrane(inside, push, width, height);
  const fine = gridOf(width, height, inside, push);
  const half = halfOf(fine);
  const again = block >= 4 && half.inside.length > LARGE ? block / 2 : 1;
  const surface = solveBlockMembrane(half.inside, half.push, half.width, half.height, again);
  const { cells, value } = fine;
  for (let n = 0; n < cells.length; n++) {
    const i = cells[n]!;
    const x = i % width;
    const j = (((i - x) / width) >> 1) * half.width + (x >> 1);
    const from = half.inside[j] ? surface : half.held;
    for (let c = 0; c < 3; c++) value[i * 3 + c] = from[j * 3 + c]!;
  }
  relax(fine, SWEEPS);
  return value;
}

interface Half extends Pick<Grid, 'width' | 'height' | 'inside' | 'push'> {
  /** What the rim holds the surface at in a pixel of which only some are. */
  readonly held: Float32Array;
}

/** A step between two blocks is as high at half the size, where it is met half as often. */
function halfOf(fine: Grid): Half {
  const { width: across, inside: free, cells, push: pushed } = fine;
  const { width, height, inside } = halved(fine);
  const push = new Float32Array(width * height * 3);
  const held = new Float32Array(width * height * 3);
  const count = new Uint8Array(width * height);
  for (let n = 0; n < cells.length; n++) {
    const i = cells[n]!;
    const x = i % across;
    const j = (((i - x) / across) >> 1) * width + (x >> 1);
    if (inside[j]) {
      for (let c = 0; c < 3; c++) push[j * 3 + c]! += pushed[i * 3 + c]! / 2;
      continue;
    }
    const known =
      Number(x > 0 && !free[i - 1]) +
      Number(x + 1 < across && !free[i + 1]) +
      Number(i >= across && !free[i - across]) +
      Number(i + across < free.length && !free[i + across]);
    if (known === 0) continue;
    count[j]!++;
    for (let c = 0; c < 3; c++) held[j * 3 + c]! += pushed[i * 3 + c]! / known;
  }
  for (let y = 0, j = 0; y < height; y++) {
    for (let x = 0; x < width; x++, j++) {
      if (count[j] === 0) continue;
      for (let c = 0; c < 3; c++) held[j * 3 + c]! /= count[j]!;
      if (x > 0) hold(j, j - 1);
      if (x + 1 < width) hold(j, j + 1);
      if (y > 0) hold(j, j - width);
      if (y + 1 < height) hold(j, j + width);
    }
  }
  return { width, height, inside, push, held };

  function hold(j: number, neighbour: number): void {
    if (!inside[neighbour]) return;
    for (let c = 0; c < 3; c++) push[neighbour * 3 + c]! += held[j * 3 + c]!;
  }
}
