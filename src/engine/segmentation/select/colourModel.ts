/** How likely a colour is inside or outside: a histogram of CIELAB, softened to the neighbouring cells. */
import type { LabPicture } from '../lab.js';

const CELL = 8;
const SIDE = 26;
/** A colour never seen is this likely: no pixel is decided by its colour alone. */
const FLOOR = 1e-4;
const SOFT = [
  [0, 1],
  [1, 0.5],
  [-1, 0.5],
] as const;

/** The cell of every pixel's colour. */
export function colourCells({ width, height, data }: LabPicture): Int32Array {
  return Int32Array.from({ length: width * height }, (_, i) => {
    let cell = 0;
    for (let c = 0; c < 3; c++) {
      const at = Math.round(data[i * 3 + c]! / CELL) + (c === 0 ? 1 : SIDE / 2);
      cell = cell * SIDE + Math.min(SIDE - 2, Math.max(1, at));
    }
    return cell;
  });
}

/** The negative log likelihood of every cell given the pixels that are in. */
export function unlikelihood(cells: Int32Array, isIn: (i: number) => boolean): Float32Array {
  const hard = new Float32Array(SIDE ** 3);
  let count = 0;
  for (let i = 0; i < cells.length; i++) {
    if (!isIn(i)) continue;
    hard[cells[i]!]!++;
    count++;
  }
  let soft = hard;
  for (const stride of [1, SIDE, SIDE * SIDE]) {
    const from = soft;
    soft = from.map((_, cell) =>
      SOFT.reduce((sum, [step, weight]) => sum + weight * (from[cell + step * stride] ?? 0), 0),
    );
  }
  // The weights of a softened histogram add up to 2 along each of three axes.
  return soft.map((value) => -Math.log(FLOOR + value / 8 / Math.max(1, count)));
}
