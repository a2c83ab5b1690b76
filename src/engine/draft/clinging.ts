/**
 * What an item's outline missed of it. An outline is good to a few pixels: a collar's rim or the tips of hair outside it would
 * stay on the ground as the ghost of what left. Such pixels lie next to the item, look like its pixels close by and like
 * none of the ground a little farther off.
 */
import { distanceTo } from '../masks/distance.js';
import { boundsOf, emptyMask, grownBox } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { bandOf } from './edgeBand.js';

/** Outlines are off by at most this, in steps of half the band that mattes are made in. */
const REACH = 6;
/** Looked at beside a pixel is every second one up to twice as far. */
const WINDOW = 2 * REACH;
/** Of 255 · √3: what is nearer to some ground than this is ground. */
const UNLIKE = 40;
/** It is so many times nearer to the item's colours than to the ground's. */
const NEARER = 2;

/**
 * The item with the pixels of the ground that cling to it.
 *
 * @param ground the pixels that may be taken
 */
export function withClinging(picture: Raster, item: Mask, ground: Mask): Mask {
  const bounds = boundsOf(item);
  if (!bounds) return item;
  const grid = gridOf(picture, item, ground);
  const { width, step, inside, free, distance } = grid;
  const found = { ...item, data: new Uint8Array(item.data) };
  const seen = new Uint8Array(inside);
  const queue: number[] = [];
  const visit = (j: number): void => {
    if (seen[j] || !free[j] || distance[j]! > REACH) return;
    seen[j] = 1;
    if (!clings(grid, picture, j)) return;
    queue.push(j);
    const corner = grid.at(j) - (step >> 1) * (picture.width + 1);
    for (let dy = 0; dy < step; dy++)
      for (let k = corner + dy * picture.width, end = k + step; k < end; k++)
        if (ground.data[k]) found.data[k] = 1;
  };
  const visitBeside = (i: number): void => {
    const x = i % width;
    if (x > 0) visit(i - 1);
    if (x + 1 < width) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i + width < seen.length) visit(i + width);
  };
  for (let i = 0; i < inside.length; i++) if (inside[i]) visitBeside(i);
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) visitBeside(i);
  return found;
}

/** Every so many-th pixel around an item. */
interface Grid {
  readonly width: number;
  readonly height: number;
  readonly step: number;
  /** The picture's pixel in the middle of a cell. */
  at(cell: number): number;
  readonly inside: Uint8Array;
  /** Ground that is not the item's. */
  readonly free: Uint8Array;
  /** From the item, in cells. */
  readonly distance: Float32Array;
}

function gridOf(picture: Raster, item: Mask, ground: Mask): Grid {
  const step = Math.max(1, Math.floor(bandOf(picture) / 2));
  const { left, top, ...size } = grownBox(boundsOf(item)!, (WINDOW + 1) * step, picture);
  const [width, height] = [Math.floor(size.width / step), Math.floor(size.height / step)];
  const middle = step >> 1;
  const at = (i: number): number =>
    (top + Math.floor(i / width) * step + middle) * picture.width + left + (i % width) * step + middle;
  const inside = emptyMask(width, height);
  const free = new Uint8Array(width * height);
  for (let i = 0; i < free.length; i++) {
    inside.data[i] = item.data[at(i)]!;
    free[i] = ground.data[at(i)]! & (inside.data[i]! ^ 1);
  }
  return { width, height, step, at, inside: inside.data, free, distance: distanceTo(inside) };
}

/** Whether a cell's colour is among the item's and unlike all of the ground's around it. */
function clings({ width, height, at, inside, free, distance }: Grid, { data }: Raster, i: number): boolean {
  const [x, y, p] = [i % width, Math.floor(i / width), at(i) * 3];
  let its = Number.POSITIVE_INFINITY;
  let others = Number.POSITIVE_INFINITY;
  for (let v = Math.max(0, y - WINDOW); v <= Math.min(height - 1, y + WINDOW); v += 2) {
    for (let u = Math.max(0, x - WINDOW); u <= Math.min(width - 1, x + WINDOW); u += 2) {
      const j = v * width + u;
      if (!inside[j] && !(free[j] && distance[j]! > REACH)) continue;
      const q = at(j) * 3;
      const apart =
        (data[p]! - data[q]!) ** 2 + (data[p + 1]! - data[q + 1]!) ** 2 + (data[p + 2]! - data[q + 2]!) ** 2;
      if (inside[j]) its = Math.min(its, apart);
      else others = Math.min(others, apart);
    }
  }
  return Number.isFinite(others) && others > UNLIKE ** 2 && its * NEARER ** 2 < others;
}
