/** Matches found on a small level, applied at full size: every pixel of a coarse one moves as far, in its own unit. */
import { type Box, boundsOf, grownBox } from '../masks/mask.js';
import { type Ground, type Level, RADIUS } from './level.js';
import type { Offsets } from './seams.js';

/** Where each hole pixel of the full size comes from. */
export function offsetsOf(full: Ground, searched: Level, match: Int32Array): Offsets {
  const scale = Math.round(full.width / searched.width);
  const { width, hole } = full;
  const box = partOf(full);
  const from = new Int32Array(box.width * box.height).fill(-1);
  const columns = new Int32Array(box.width);
  for (let x = 0; x < box.width; x++) columns[x] = nearTo(box.left + x, searched.width);
  for (let y = 0; y < box.height; y++) {
    const row = nearTo(box.top + y, searched.height) * searched.width;
    let at = (box.top + y) * width + box.left;
    for (let i = y * box.width; i < (y + 1) * box.width; i++, at++) {
      if (!hole[at]) continue;
      const a = row + columns[i - y * box.width]!;
      const there = match[a]!;
      const dx = (there % searched.width) - (a - row);
      const dy = (there - (there % searched.width) - row) / searched.width;
      from[i] = at + scale * (dy * width + dx);
    }
  }
  return { box, from, block: scale };

  /** The searched level's row or column of a full-size one. */
  function nearTo(place: number, side: number): number {
    return Math.min(Math.max(Math.floor(place / scale), RADIUS), side - 1 - RADIUS);
  }
}

/**
 * The part of the ground with the hole, and a pixel more. Its corner lies where all grids of the membrane have one, down to
 * the coarsest: seams are evened out as over the whole ground.
 */
function partOf(full: Ground): Box {
  const { width, height, hole } = full;
  const bounds = boundsOf({ width, height, data: hole })!;
  const { left, top, ...size } = grownBox(bounds, 1, full);
  const grid = 2 ** Math.ceil(Math.log2(Math.max(4, size.width, size.height) / 4));
  const [x, y] = [left - (left % grid), top - (top % grid)];
  return { left: x, top: y, width: left + size.width - x, height: top + size.height - y };
}
