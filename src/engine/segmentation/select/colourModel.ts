/** How likely a colour is inside or outside: a histogram of CIELAB, softened to the neighbouring cells. */
import type { LabPicture } from '../lab.js';

const CELL = 8;
const SIDE = 26;
/** A colour never seen is this likely: no pixel is decided by its colour alone. */
const FLOOR = 1e-4;

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
  let soft: Float32Array = new Float32Array(SIDE ** 3);
  let count = 0;
  for (let i = 0; i < cells.length; i++) {
    if (!isIn(i)) continue;
    soft[cells[i]!]!++;
    count++;
  }
  for (const stride of [1, SIDE, SIDE * SIDE]) soft = softened(soft, stride);
  // The weights of a softened histogram add up to 2 along each of three axes.
  return soft.map((value) => -Math.log(FLOOR + value / 8 / Math.max(1, count)));
}

/** With half of each neighbour along an axis. The outermost cells are nobody's (see colourCells): they need no neighbours. */
function softened(hard: Float32Array, stride: number): Float32Array {
  const soft = new Float32Array(hard);
  for (let cell = stride; cell < hard.length - stride; cell++)
    soft[cell]! += (hard[cell - stride]! + hard[cell + stride]!) / 2;
  return soft;
}
