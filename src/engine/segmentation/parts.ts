/** Parts of objects, and what their shapes and colours say about two neighbours being one thing. */
import type { Mask } from '../raster.js';
import type { LabPicture } from './lab.js';

/** Colour histograms have cells this wide in L and in a, b. */
const CELL = [20, 18, 18] as const;

/** What tells two touching parts apart. */
export interface Pair {
  /** 0 the same colours … 1 none in common. */
  readonly difference: number;
  /** The smaller area over the larger. */
  readonly balance: number;
  /** The share of the smaller part's outline that it has with the other: 1 for a part that lies inside. */
  readonly enclosed: number;
  /** Mean colour step across the border, in units of 100 CIELAB. */
  readonly step: number;
  /**
   * The whole's convex hull less the parts' own, over the smaller area: about 0 for two discs side by side and above
   * for looser pairs, -1 for a part that fills a bay of the other.
   */
  readonly dent: number;
  /** The smaller part's share of the picture. */
  readonly size: number;
  /** Border length over the diameter of a disc of the smaller part's area. */
  readonly neck: number;
}

interface Part {
  area: number;
  outline: number;
  colours: Map<number, number>;
  /** Row by row the leftmost and rightmost pixel: all that a convex hull needs. */
  left: Int16Array;
  right: Int16Array;
  borders: Map<number, { pixels: number; step: number }>;
  hull: number;
}

/** Touching parts, which may be merged. Parts are numbered as the masks they come from. */
export class PartGraph {
  private readonly parts = new Map<number, Part>();
  private readonly of: Int16Array;

  constructor(
    masks: readonly Mask[],
    private readonly picture: LabPicture,
  ) {
    const { width, height } = picture;
    this.of = new Int16Array(width * height).fill(-1);
    masks.forEach((mask, k) => {
      for (let i = 0; i < mask.data.length; i++) if (mask.data[i]) this.of[i] = k;
      this.parts.set(k, {
        area: 0,
        outline: 0,
        colours: new Map(),
        left: new Int16Array(height).fill(width),
        right: new Int16Array(height).fill(-1),
        borders: new Map(),
        hull: 0,
      });
    });
    this.measure();
    for (const part of this.parts.values()) part.hull = hullArea(part);
  }

  *pairs(): Generator<{ a: number; b: number; pair: Pair }> {
    for (const [a, part] of this.parts) {
      for (const b of part.borders.keys()) if (a < b) yield { a, b, pair: this.pair(a, b) };
    }
  }

  pair(a: number, b: number): Pair {
    const p = this.parts.get(a)!;
    const q = this.parts.get(b)!;
    const border = p.borders.get(b)!;
    const smaller = p.area < q.area ? p : q;
    const hull = hullArea(spanning(p, q));
    return {
      difference: 1 - shared(p, q),
      balance: smaller.area / Math.max(p.area, q.area),
      enclosed: border.pixels / smaller.outline,
      step: border.step / border.pixels / 100,
      dent: Math.min(3, Math.max(-3, (hull - p.hull - q.hull) / smaller.area)),
      size: smaller.area / this.of.length,
      neck: border.pixels / Math.sqrt((4 * smaller.area) / Math.PI),
    };
  }

  /** `b` becomes part of `a`. */
  merge(a: number, b: number): void {
    const p = this.parts.get(a)!;
    const q = this.parts.get(b)!;
    const both = spanning(p, q);
    p.outline += q.outline - 2 * p.borders.get(b)!.pixels;
    p.area += q.area;
    p.left = both.left;
    p.right = both.right;
    p.hull = hullArea(both);
    for (const [cell, count] of q.colours) p.colours.set(cell, (p.colours.get(cell) ?? 0) + count);
    for (const [other, { pixels, step }] of q.borders) {
      const neighbour = this.parts.get(other)!;
      neighbour.borders.delete(b);
      if (other === a) continue;
      const border = p.borders.get(other) ?? { pixels: 0, step: 0 };
      border.pixels += pixels;
      border.step += step;
      p.borders.set(other, border);
      neighbour.borders.set(a, border);
    }
    this.parts.delete(b);
    for (let i = 0; i < this.of.length; i++) if (this.of[i] === b) this.of[i] = a;
  }

  /** The parts as masks, largest first. */
  masks(): Mask[] {
    const { width, height } = this.picture;
    return [...this.parts]
      .sort(([, p], [, q]) => q.area - p.area)
      .map(([k]) => ({ width, height, data: Uint8Array.from(this.of, (part) => (part === k ? 1 : 0)) }));
  }

  private measure(): void {
    const { width, height, data } = this.picture;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const part = this.parts.get(this.of[i]!);
        if (part) {
          part.area++;
          part.left[y] = Math.min(part.left[y]!, x);
          part.right[y] = Math.max(part.right[y]!, x);
          const cell = CELL.reduce((sum, size, c) => sum * 32 + Math.round(data[i * 3 + c]! / size) + 12, 0);
          part.colours.set(cell, (part.colours.get(cell) ?? 0) + 1);
        }
        if (x + 1 < width) this.touch(i, i + 1);
        if (y + 1 < height) this.touch(i, i + width);
      }
    }
  }

  private touch(i: number, j: number): void {
    const a = this.of[i]!;
    const b = this.of[j]!;
    if (a === b) return;
    const p = this.parts.get(a);
    const q = this.parts.get(b);
    if (p) p.outline++;
    if (q) q.outline++;
    if (!p || !q) return;
    let border = p.borders.get(b);
    if (!border) {
      border = { pixels: 0, step: 0 };
      p.borders.set(b, border);
      q.borders.set(a, border);
    }
    const { data } = this.picture;
    border.pixels++;
    border.step += Math.hypot(
      data[i * 3]! - data[j * 3]!,
      data[i * 3 + 1]! - data[j * 3 + 1]!,
      data[i * 3 + 2]! - data[j * 3 + 2]!,
    );
  }
}

/** Histogram intersection. */
function shared(p: Part, q: Part): number {
  let sum = 0;
  for (const [cell, count] of p.colours) {
    sum += Math.min(count / p.area, (q.colours.get(cell) ?? 0) / q.area);
  }
  return sum;
}

function spanning(p: Part, q: Part): { left: Int16Array; right: Int16Array } {
  return {
    left: p.left.map((x, y) => Math.min(x, q.left[y]!)),
    right: p.right.map((x, y) => Math.max(x, q.right[y]!)),
  };
}

/** The area of the convex hull of all pixels, by Andrew's monotone chain along the rows. */
function hullArea({ left, right }: { left: Int16Array; right: Int16Array }): number {
  const first = right.findIndex((x) => x >= 0);
  if (first < 0) return 0;
  let last = right.length - 1;
  while (right[last]! < 0) last--;
  const side = (edge: Int16Array, outwards: 1 | -1): number => {
    const hull: [x: number, y: number][] = [];
    for (let y = first; y <= last + 1; y++) {
      // A pixel row has an upper and a lower side: its ends count at y and at y + 1.
      const rows = [y - 1, y].filter((row) => row >= first && row <= last && right[row]! >= 0);
      if (rows.length === 0) continue;
      const x = Math.max(...rows.map((row) => edge[row]! * outwards));
      for (;;) {
        const [bx, by] = hull.at(-1) ?? [0, 0];
        const [ax, ay] = hull.at(-2) ?? [0, 0];
        if (hull.length < 2 || (bx - ax) * (y - ay) > (x - ax) * (by - ay)) break;
        hull.pop();
      }
      hull.push([x, y]);
    }
    let area = 0;
    for (let k = 1; k < hull.length; k++) {
      area += ((hull[k]![0] + hull[k - 1]![0]) / 2) * (hull[k]![1] - hull[k - 1]![1]);
    }
    return area;
  };
  return side(right, 1) + side(left, -1) + (last + 1 - first);
}
