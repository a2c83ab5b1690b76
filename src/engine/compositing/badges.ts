/** Where the numbers go: at each item's pole of inaccessibility, never one over another. */
import { distanceTo } from '../masks/distance.js';
import { type Box, boundsOf, maskOf, type Point } from '../masks/mask.js';
import type { LabelMap } from '../raster.js';
import { cropLabels } from './resize.js';

export interface Badge {
  readonly item: number;
  readonly centre: Point;
  /** For an item too small to carry its badge: the point of the item that a line leads to. */
  readonly leadsTo?: Point;
}

/** Distances are taken on a map of about this many pixels a side: enough for a badge's place. */
const GRID_SIDE = 256;
/** Space between badges, in radii. */
const GAP = 0.25;
/** An item whose largest inner disc is smaller than this many radii would vanish under its badge. */
const CARRIES = 0.9;

/** One badge an item with pixels, for discs of `radius` on a map of this size; items without pixels get none. */
export function placeBadges(labels: LabelMap, count: number, radius: number): Badge[] {
  const scale = Math.min(1, GRID_SIDE / Math.max(labels.width, labels.height));
  const grid = sampled(labels, scale);
  const r = radius * scale;
  const depths: { item: number; depth: Float32Array; deepest: number }[] = [];
  for (let item = 0; item < count; item++) {
    const depth = depthInside(grid, item);
    let deepest = 0;
    for (let i = 0; i < depth.length; i++) if (depth[i]! > depth[deepest]!) deepest = i;
    if (depth[deepest]! > 0) depths.push({ item, depth, deepest });
  }
  // The narrowest item has the least choice, so it chooses first.
  depths.sort((a, b) => a.depth[a.deepest]! - b.depth[b.deepest]!);
  const placed: Badge[] = [];
  for (const { item, depth, deepest } of depths) {
    const free = (x: number, y: number) =>
      x >= r &&
      y >= r &&
      x <= grid.width - 1 - r &&
      y <= grid.height - 1 - r &&
      placed.every(({ centre }) => Math.hypot(centre.x - x, centre.y - y) >= (2 + GAP) * r);
    const pole = { x: deepest % grid.width, y: Math.floor(deepest / grid.width) };
    const inside = best(grid, (x, y, i) => (depth[i]! > 0 && free(x, y) ? depth[i]! : undefined));
    if (inside && inside.score >= CARRIES * r) {
      placed.push({ item, centre: inside.point });
      continue;
    }
    const poles = depths.map(({ deepest: at }) => ({ x: at % grid.width, y: Math.floor(at / grid.width) }));
    const apart = distanceTo(maskOf(grid, item));
    // Outside the item but near it, and not on another item's best place.
    const beside = best(grid, (x, y, i) => {
      if (apart[i]! < 1.2 * r || !free(x, y)) return undefined;
      const crowding = poles.some(
        (other) => other !== pole && Math.hypot(other.x - x, other.y - y) < 1.5 * r && apart[i]! > 0,
      );
      return -apart[i]! - 0.3 * Math.hypot(x - pole.x, y - pole.y) - (crowding ? 2 * r : 0);
    });
    if (beside) placed.push({ item, centre: beside.point, leadsTo: pole });
    else placed.push({ item, centre: inside?.point ?? pole });
  }
  const back = ({ x, y }: Point) => ({ x: (x + 0.5) / scale - 0.5, y: (y + 0.5) / scale - 0.5 });
  return placed
    .map(({ item, centre, leadsTo }) => ({
      item,
      centre: back(centre),
      ...(leadsTo && { leadsTo: back(leadsTo) }),
    }))
    .sort((a, b) => a.item - b.item);
}

/** Distance of the item's pixels to the nearest pixel that is not the item's, the picture's rim included. */
function depthInside(grid: LabelMap, item: number): Float32Array {
  const depth = new Float32Array(grid.data.length);
  const bounds = boundsOf(maskOf(grid, item));
  if (!bounds) return depth;
  const part = cropLabels(grid, bounds);
  const width = bounds.width + 2;
  const outside = {
    width,
    height: bounds.height + 2,
    data: new Uint8Array(width * (bounds.height + 2)).fill(1),
  };
  eachPixel(bounds, (x, y, i) => {
    if (part.data[i] === item) outside.data[(y + 1) * width + x + 1] = 0;
  });
  const distance = distanceTo(outside);
  eachPixel(bounds, (x, y) => {
    depth[(bounds.top + y) * grid.width + bounds.left + x] = distance[(y + 1) * width + x + 1]!;
  });
  return depth;
}

function eachPixel(box: Box, visit: (x: number, y: number, i: number) => void): void {
  for (let y = 0; y < box.height; y++) for (let x = 0; x < box.width; x++) visit(x, y, y * box.width + x);
}

function best(
  grid: LabelMap,
  score: (x: number, y: number, i: number) => number | undefined,
): { point: Point; score: number } | undefined {
  let found: { point: Point; score: number } | undefined;
  for (let y = 0; y < grid.height; y++) {
    for (let x = 0; x < grid.width; x++) {
      const value = score(x, y, y * grid.width + x);
      if (value !== undefined && (!found || value > found.score)) found = { point: { x, y }, score: value };
    }
  }
  return found;
}

/** Every cell's centre pixel. */
function sampled(labels: LabelMap, scale: number): LabelMap {
  if (scale === 1) return labels;
  const width = Math.max(1, Math.round(labels.width * scale));
  const height = Math.max(1, Math.round(labels.height * scale));
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.min(labels.height - 1, Math.floor(((y + 0.5) * labels.height) / height)) * labels.width;
    for (let x = 0; x < width; x++) {
      data[y * width + x] =
        labels.data[row + Math.min(labels.width - 1, Math.floor(((x + 0.5) * labels.width) / width))]!;
    }
  }
  return { width, height, data };
}
