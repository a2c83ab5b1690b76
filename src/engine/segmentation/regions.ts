/** Large regions by merging superpixels: the cheapest pair of neighbours first. */
import type { Mask } from '../raster.js';
import type { LabPicture } from './lab.js';
import { superpixelsOf } from './superpixels.js';

/** Without it, nothing would keep the regions of a flat picture alike in size. */
const LEAST_UNLIKE = 1;
const TEXTURE_WEIGHT = 0.8;
const EDGE_WEIGHT = 0.6;

export interface RegionLimits {
  readonly min: number;
  readonly max: number;
  /** Between them merging stops at the first pair that differs by more: the cost below, about 0.02 … 0.2. */
  readonly plain?: number;
}

/** The mask in `min` … `max` connected regions (fewer if it holds fewer superpixels), largest first. */
export function regionsOf(picture: LabPicture, mask: Mask, { min, max, plain = 0.06 }: RegionLimits): Mask[] {
  const pixels = mask.data.reduce((sum, value) => sum + value, 0);
  const step = Math.max(3, Math.sqrt(pixels / 350));
  const { of, count } = superpixelsOf(picture, mask, step);
  const graph = new RegionGraph(picture, of, count, pixels);
  let left = count;
  while (left > min) {
    const cheapest = graph.cheapest();
    if (!cheapest || (left <= max && cheapest.cost > plain)) break;
    graph.merge(cheapest.a, cheapest.b);
    left--;
  }
  const masks = new Map<number, { area: number; data: Uint8Array }>();
  for (let i = 0; i < of.length; i++) {
    if (of[i]! < 0) continue;
    const region = graph.rootOf(of[i]!);
    let entry = masks.get(region);
    if (!entry) {
      entry = { area: 0, data: new Uint8Array(of.length) };
      masks.set(region, entry);
    }
    entry.area++;
    entry.data[i] = 1;
  }
  return [...masks.values()]
    .sort((p, q) => q.area - p.area)
    .map(({ data }) => ({ width: mask.width, height: mask.height, data }));
}

interface Border {
  pixels: number;
  step: number;
}

/** Sums of pixels, colour, squared lightness: enough to merge without going back to the pixels. */
class RegionGraph {
  private readonly area: Float64Array;
  private readonly colour: Float64Array;
  private readonly square: Float64Array;
  private readonly parent: Int32Array;
  private readonly borders: Map<number, Border>[];

  constructor(
    picture: LabPicture,
    of: Int32Array,
    count: number,
    private readonly pixels: number,
  ) {
    const { width, height, data } = picture;
    this.area = new Float64Array(count);
    this.colour = new Float64Array(count * 3);
    this.square = new Float64Array(count);
    this.parent = Int32Array.from({ length: count }, (_, k) => k);
    this.borders = Array.from({ length: count }, () => new Map());
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const k = of[i]!;
        if (k < 0) continue;
        this.area[k]!++;
        for (let c = 0; c < 3; c++) this.colour[k * 3 + c]! += data[i * 3 + c]!;
        this.square[k]! += data[i * 3]! ** 2;
        if (x + 1 < width) this.touch(k, of[i + 1]!, i, i + 1, data);
        if (y + 1 < height) this.touch(k, of[i + width]!, i, i + width, data);
      }
    }
  }

  rootOf(k: number): number {
    let root = k;
    while (this.parent[root] !== root) root = this.parent[root]!;
    this.parent[k] = root;
    return root;
  }

  cheapest(): { a: number; b: number; cost: number } | undefined {
    let found: { a: number; b: number; cost: number } | undefined;
    this.borders.forEach((neighbours, a) => {
      for (const [b, border] of neighbours) {
        if (b < a) continue;
        const cost = this.cost(a, b, border);
        if (!found || cost < found.cost) found = { a, b, cost };
      }
    });
    return found;
  }

  merge(a: number, b: number): void {
    this.parent[b] = a;
    this.area[a]! += this.area[b]!;
    for (let c = 0; c < 3; c++) this.colour[a * 3 + c]! += this.colour[b * 3 + c]!;
    this.square[a]! += this.square[b]!;
    for (const [other, border] of this.borders[b]!) {
      this.borders[other]!.delete(b);
      if (other === a) continue;
      const known = this.borders[a]!.get(other);
      const sum = {
        pixels: border.pixels + (known?.pixels ?? 0),
        step: border.step + (known?.step ?? 0),
      };
      this.borders[a]!.set(other, sum);
      this.borders[other]!.set(a, sum);
    }
    this.borders[b]!.clear();
  }

  /**
   * Unlikeness (colour, texture, and the edge between, in units of 100 CIELAB) times a size that makes small regions
   * cheap, as in Ward's method but by the square root, so that large smooth areas may still join.
   */
  private cost(a: number, b: number, border: Border): number {
    let colour = 0;
    for (let c = 0; c < 3; c++) {
      colour += (this.colour[a * 3 + c]! / this.area[a]! - this.colour[b * 3 + c]! / this.area[b]!) ** 2;
    }
    const unlike =
      LEAST_UNLIKE +
      Math.sqrt(colour) +
      TEXTURE_WEIGHT * Math.abs(this.texture(a) - this.texture(b)) +
      (EDGE_WEIGHT * border.step) / border.pixels;
    const size = (this.area[a]! * this.area[b]!) / (this.area[a]! + this.area[b]!) / this.pixels;
    return (unlike / 100) * Math.sqrt(size);
  }

  /** Standard deviation of lightness. */
  private texture(k: number): number {
    const mean = this.colour[k * 3]! / this.area[k]!;
    return Math.sqrt(Math.max(0, this.square[k]! / this.area[k]! - mean * mean));
  }

  private touch(a: number, b: number, i: number, j: number, data: Float32Array): void {
    if (b < 0 || a === b) return;
    let border = this.borders[a]!.get(b);
    if (!border) {
      border = { pixels: 0, step: 0 };
      this.borders[a]!.set(b, border);
      this.borders[b]!.set(a, border);
    }
    border.pixels++;
    border.step += Math.hypot(
      data[i * 3]! - data[j * 3]!,
      data[i * 3 + 1]! - data[j * 3 + 1]!,
      data[i * 3 + 2]! - data[j * 3 + 2]!,
    );
  }
}
