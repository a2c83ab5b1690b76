/**
 * The smooth surface of `membrane.ts` where seams lie between square blocks of pixels: a half of the size tells what bends
 * it there as exactly, and at full size little but the seams and the region's rim is left to do.
 */
import { type Grid, halved, relax, rimOf, solveMembrane } from './membrane.js';
import { Steps } from './steps.js';

/** A half of more pixels is itself solved from its half. */
const LARGE = 400_000;
/** Sweeps at full size after half of it was solved. */
const SWEEPS = 3;
/** So many rows more are swept on each side: further away no sweep is felt. Even. */
const BEYOND = 4;

type Region = Pick<Grid, 'width' | 'height' | 'inside'>;

/**
 * A surface's rows from `top` up to `bottom`, [(bottom - top) * width * 3], good until the next are asked for.
 *
 * @param top an even number
 */
export type Rows = (top: number, bottom: number) => Float32Array;

/**
 * @param inside 1 where the surface is free, [height * width]
 * @param steps between neighbouring pixels of different blocks, or of which one is free
 * @param block the blocks' side, a power of 2; the first begins at the corner
 */
export function blockMembrane(
  inside: Uint8Array,
  steps: Steps,
  width: number,
  height: number,
  block: number,
): Rows {
  if (block < 2) {
    const push = new Float32Array(inside.length * 3);
    steps.pushInto(push);
    const whole = solveMembrane(inside, push, width, height);
    return (top, bottom) => whole.subarray(top * width * 3, bottom * width * 3);
  }
  const half = halfOf({ width, height, inside }, steps);
  const again = block >= 4 && half.inside.length > LARGE ? block / 2 : 1;
  const solved = blockMembrane(half.inside, half.steps, half.width, half.height, again);
  const surface = solved(0, half.height);
  const { held } = half;
  for (let n = 0; n < held.cells.length; n++)
    for (let c = 0; c < 3; c++) surface[held.cells[n]! * 3 + c] = held.heights[n * 3 + c]!;
  const near = nearSteps(half);
  let memory = [new Float32Array(0), new Float32Array(0)] as const;
  return (top, bottom) => {
    const from = Math.max(0, top - BEYOND);
    const to = Math.min(height, bottom + BEYOND);
    const length = (to - from) * width * 3;
    if (memory[0].length < length) memory = [new Float32Array(length), new Float32Array(length)];
    const [value, push] = [memory[0].subarray(0, length).fill(0), memory[1].subarray(0, length).fill(0)];
    steps.pushInto(push, from * width);
    const cells = enlarge(surface, half, near, { width, height, inside }, from, to, value);
    relax(
      { width, height: to - from, inside, cells, rim: rimOf(cells, width, to - from), push, value },
      SWEEPS,
    );
    return value.subarray((top - from) * width * 3, (bottom - from) * width * 3);
  };
}

interface Half extends Region {
  readonly steps: Steps;
  /** What the rim holds the surface at in pixels of which only some are free. */
  readonly held: {
    readonly cells: readonly number[];
    /** [cells * 3] */
    readonly heights: Float32Array;
  };
}

/** A step between two blocks is as high at half the size, where it is met half as often. */
function halfOf(fine: Region, all: Steps): Half {
  const { width: across, inside: free } = fine;
  const { width, height, inside } = halved(fine);
  const steps = new Steps(all.count + 1);
  const sums = new Float32Array(width * height * 3);
  const rim = new Uint8Array(width * height);
  for (let n = 0; n < all.count; n++) {
    const p = all.from[n]!;
    const q = all.to[n]!;
    const a = coarse(p);
    const b = coarse(q);
    const k = n * 3;
    if (a !== b && inside[a]! | inside[b]!) {
      steps.add(a, b, all.height[k]! / 2, all.height[k + 1]! / 2, all.height[k + 2]! / 2);
    }
    const down = inside[a] ? 0 : knownBeside(p);
    const up = inside[b] ? 0 : knownBeside(q);
    if (down > 0) for (let c = 0; c < 3; c++) sums[a * 3 + c]! -= all.height[k + c]! / down;
    if (up > 0) for (let c = 0; c < 3; c++) sums[b * 3 + c]! += all.height[k + c]! / up;
    if (down > 0) rim[a] = 1;
    if (up > 0) rim[b] = 1;
  }
  const cells: number[] = [];
  for (let j = 0; j < rim.length; j++) if (rim[j]) cells.push(j);
  const heights = new Float32Array(cells.length * 3);
  for (let n = 0; n < cells.length; n++) {
    const j = cells[n]!;
    const x = j % width;
    const count = atRim(2 * x, (2 * (j - x)) / width);
    for (let c = 0; c < 3; c++) heights[n * 3 + c] = sums[j * 3 + c]! / count;
    if (x > 0) hold(n, j, j - 1);
    if (x + 1 < width) hold(n, j, j + 1);
    if (j >= width) hold(n, j, j - width);
    if (j + width < rim.length) hold(n, j, j + width);
  }
  return { width, height, inside, steps, held: { cells, heights } };

  function hold(n: number, j: number, beside: number): void {
    if (inside[beside]) steps.add(j, beside, heights[n * 3]!, heights[n * 3 + 1]!, heights[n * 3 + 2]!);
  }

  function coarse(i: number): number {
    const x = i % across;
    return (((i - x) / across) >> 1) * width + (x >> 1);
  }

  /** How many neighbours of a free pixel are not free. */
  function knownBeside(i: number): number {
    if (!free[i]) return 0;
    const x = i % across;
    return (
      Number(x > 0 && !free[i - 1]) +
      Number(x + 1 < across && !free[i + 1]) +
      Number(i >= across && !free[i - across]) +
      Number(i + across < free.length && !free[i + across])
    );
  }

  /** How many of the four pixels lie at the region's rim. */
  function atRim(left: number, top: number): number {
    let count = 0;
    for (let y = top; y < Math.min(top + 2, fine.height); y++) {
      for (let x = left; x < Math.min(left + 2, across); x++)
        count += Number(knownBeside(y * across + x) > 0);
    }
    return count;
  }
}

/** 1 for pixels of the half beside a step, by the region's rim or the picture's. */
function nearSteps({ width, height, inside, steps }: Half): Uint8Array {
  const near = new Uint8Array(inside.length);
  for (let n = 0; n < steps.count; n++) near[steps.from[n]!] = near[steps.to[n]!] = 1;
  near.fill(1, 0, width).fill(1, near.length - width);
  for (let y = 0, j = 0; y < height; y++) {
    near[j] = near[j + width - 1] = 1;
    for (const end = j + width; j < end; j++) {
      if (inside[j]) continue;
      for (let row = j - width; row <= j + width; row += width) near[row - 1] = near[row] = near[row + 1] = 1;
    }
  }
  return near;
}

/**
 * Writes the half's surface at full size, rows `top` to `bottom`: interpolated between its pixels' centres, but as it is
 * where it is near a step, which interpolation would smear.
 *
 * @returns the free pixels there, whose heights are a start only, counted from the first row; not of rows cut off
 */
function enlarge(
  surface: Float32Array,
  half: Region,
  near: Uint8Array,
  { width, height, inside }: Region,
  top: number,
  bottom: number,
  value: Float32Array,
): Int32Array {
  const cells = new Int32Array((bottom - top) * width);
  let count = 0;
  for (let y = top; y < bottom; y++) {
    const other = (y & 1 ? half.width : -half.width) * 3;
    const swept = (y > top || top === 0) && (y < bottom - 1 || bottom === height);
    let j = (y >> 1) * half.width;
    for (let x = 0, i = (y - top) * width; x < width; x += 2, i += 2, j++) {
      const k = j * 3;
      if (!near[j]) {
        for (let c = 0; c < 3; c++) {
          const own = 0.5625 * surface[k + c]! + 0.1875 * surface[k + other + c]!;
          const left = 0.1875 * surface[k - 3 + c]! + 0.0625 * surface[k + other - 3 + c]!;
          const right = 0.1875 * surface[k + 3 + c]! + 0.0625 * surface[k + other + 3 + c]!;
          value[i * 3 + c] = own + left;
          value[i * 3 + 3 + c] = own + right;
        }
        continue;
      }
      const end = x + 1 < width ? i + 2 : i + 1;
      for (let p = i; p < end; p++) {
        if (!inside[p + top * width]) continue;
        if (swept) cells[count++] = p;
        for (let c = 0; c < 3; c++) value[p * 3 + c] = surface[k + c]!;
      }
    }
  }
  return cells.subarray(0, count);
}
