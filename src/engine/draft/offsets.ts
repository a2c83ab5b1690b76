/** Matches found on a small level, applied at full size: every pixel of a coarse one moves as far, in its own unit. */
import { type Box, boundsOf, grownBox } from '../masks/mask.js';
import { type Ground, type Level, RADIUS } from './level.js';

/** Where the pixels of a hole come from. */
export interface Offsets {
  /** A part of the ground with all of the hole, and a pixel more where the ground goes on. */
  readonly box: Box;
  /** Squares of so many pixels a side come from the same place, a power of 2; the box begins with one. */
  readonly block: number;
  /** How many blocks make a row of the box, the last one cut off. */
  readonly columns: number;
  /** For each block how far on in the ground its hole pixels come from, by index; never from the hole. */
  readonly shift: Int32Array;
}

/** Where each hole pixel of the full size comes from. */
export function offsetsOf(full: Ground, searched: Level, match: Int32Array): Offsets {
  const block = 2 ** Math.round(Math.log2(full.width / searched.width)); // halving drops odd columns: a little less
  const box = partOf(full, block);
  const columns = Math.ceil(box.width / block);
  const rows = Math.ceil(box.height / block);
  const shift = new Int32Array(columns * rows);
  for (let row = 0, b = 0; row < rows; row++) {
    const y = inside(box.top / block + row, searched.height);
    for (let column = 0; column < columns; column++, b++) {
      const x = inside(box.left / block + column, searched.width);
      const there = match[y * searched.width + x]!;
      const dx = (there % searched.width) - x;
      const dy = Math.floor(there / searched.width) - y;
      shift[b] = block * (dy * full.width + dx);
    }
  }
  return { box, block, columns, shift };
}

/** The nearest row or column of the searched level that patches lie on. */
function inside(place: number, side: number): number {
  return Math.min(Math.max(place, RADIUS), side - 1 - RADIUS);
}

/**
 * The part of the ground with the hole, and a pixel more. Its corner lies where all grids of the membrane have one, down to
 * the coarsest: seams are evened out as over the whole ground.
 */
function partOf(full: Ground, block: number): Box {
  const { width, height, hole } = full;
  const bounds = boundsOf({ width, height, data: hole })!;
  const { left, top, ...size } = grownBox(bounds, 1, full);
  const grid = Math.max(block, 2 ** Math.ceil(Math.log2(Math.max(4, size.width, size.height) / 4)));
  const [x, y] = [left - (left % grid), top - (top % grid)];
  return { left: x, top: y, width: left + size.width - x, height: top + size.height - y };
}
