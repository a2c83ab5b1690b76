/**
 * An object mask cut into its bulges: the watershed of its distance transform. Two bulges meet at a neck; how narrow
 * it is, beside the smaller bulge, and how alike the two look says whether they are one thing.
 */
import { distanceTo } from '../masks/distance.js';
import { invert } from '../masks/mask.js';
import type { Mask } from '../raster.js';
import type { LabPicture } from './lab.js';

/** A bulge is not told from its neighbour when the neck is nearly as wide as itself. */
const SAME_BULGE = 0.92;
/** Colour histograms have cells this wide in L and in a, b. */
const CELL = [20, 18, 18] as const;

export interface Basins {
  /** -1 outside the mask, else the basin. */
  readonly of: Int32Array;
  readonly count: number;
  readonly depth: Float32Array;
}

export interface Neck {
  readonly a: number;
  readonly b: number;
  /** Depth at the neck over the depth of the shallower bulge: 1 is no neck at all. */
  readonly ratio: number;
  /** 0 the same colours … 1 none in common. */
  readonly difference: number;
  /** The smaller area's share of both. */
  readonly balance: number;
  /** Mean colour step across the border, in CIELAB units. */
  readonly step: number;
  /** Border length over the square root of the smaller area. */
  readonly contact: number;
}

/** Pixels in order of falling depth join the basin of a deeper neighbour; basins with hardly a neck are one. */
export function basinsOf(mask: Mask): Basins {
  const { width, height } = mask;
  const depth = distanceTo(invert(mask));
  const order: number[] = [];
  for (let i = 0; i < depth.length; i++) if (mask.data[i]) order.push(i);
  order.sort((p, q) => depth[q]! - depth[p]!);
  const of = new Int32Array(depth.length).fill(-1);
  const parent: number[] = [];
  const peak: number[] = [];
  const root = (k: number): number => {
    let r = k;
    while (parent[r] !== r) r = parent[r]!;
    parent[k] = r;
    return r;
  };
  for (const i of order) {
    const x = i % width;
    const y = (i - x) / width;
    let own = -1;
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const other = of[ny * width + nx]!;
        if (other < 0) continue;
        const basin = root(other);
        if (own < 0) own = basin;
        else if (own !== basin) {
          const [deep, shallow] = peak[own]! >= peak[basin]! ? [own, basin] : [basin, own];
          if (depth[i]! >= SAME_BULGE * peak[shallow]! || peak[shallow]! < 2.5) {
            parent[shallow] = deep;
            own = deep;
          } else own = peak[own]! >= peak[basin]! ? own : basin;
        }
      }
    }
    if (own < 0) {
      own = parent.length;
      parent.push(own);
      peak.push(depth[i]!);
    }
    of[i] = own;
  }
  const rank = new Map<number, number>();
  for (let i = 0; i < of.length; i++) {
    if (of[i]! < 0) continue;
    const basin = root(of[i]!);
    if (!rank.has(basin)) rank.set(basin, rank.size);
    of[i] = rank.get(basin)!;
  }
  return { of, count: rank.size, depth };
}

/** The borders between basins and what tells the two sides apart. */
export function necksOf({ of, count, depth }: Basins, picture: LabPicture): Neck[] {
  const { width, height, data } = picture;
  const area = new Float64Array(count);
  const peak = new Float64Array(count);
  const colours = Array.from({ length: count }, () => new Map<number, number>());
  const borders = new Map<number, { pixels: number; saddle: number; step: number }>();
  const meet = (i: number, j: number) => {
    if (of[i]! < 0 || of[j]! < 0 || of[i] === of[j]) return;
    const key = Math.min(of[i]!, of[j]!) * count + Math.max(of[i]!, of[j]!);
    let border = borders.get(key);
    if (!border) borders.set(key, (border = { pixels: 0, saddle: 0, step: 0 }));
    border.pixels++;
    border.saddle = Math.max(border.saddle, Math.min(depth[i]!, depth[j]!));
    border.step += Math.hypot(
      data[i * 3]! - data[j * 3]!,
      data[i * 3 + 1]! - data[j * 3 + 1]!,
      data[i * 3 + 2]! - data[j * 3 + 2]!,
    );
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const basin = of[i]!;
      if (basin < 0) continue;
      area[basin]!++;
      peak[basin] = Math.max(peak[basin]!, depth[i]!);
      const key = CELL.reduce((sum, cell, c) => sum * 32 + Math.round(data[i * 3 + c]! / cell) + 12, 0);
      colours[basin]!.set(key, (colours[basin]!.get(key) ?? 0) + 1);
      if (x + 1 < width) meet(i, i + 1);
      if (y + 1 < height) meet(i, i + width);
    }
  }
  return [...borders].map(([key, { pixels, saddle, step }]) => {
    const a = Math.floor(key / count);
    const b = key % count;
    const smaller = Math.min(area[a]!, area[b]!);
    return {
      a,
      b,
      ratio: saddle / Math.min(peak[a]!, peak[b]!),
      difference: 1 - shared(colours[a]!, area[a]!, colours[b]!, area[b]!),
      balance: smaller / (area[a]! + area[b]!),
      step: step / pixels,
      contact: pixels / Math.sqrt(smaller),
    };
  });
}

/** Histogram intersection. */
function shared(p: Map<number, number>, pArea: number, q: Map<number, number>, qArea: number): number {
  let sum = 0;
  for (const [key, count] of p) sum += Math.min(count / pArea, (q.get(key) ?? 0) / qArea);
  return sum;
}
