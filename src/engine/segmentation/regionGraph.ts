/** Touching regions, what is known of each and of the borders between them; two can become one. */
import { type Cues, TEXTURES } from './cues.js';

/** Colour histograms have cells this wide in L and in a, b; a and b beyond ±48 share the outermost. */
const CELL = [15, 16, 16] as const;
const CELLS = [7, 7, 7] as const;
const COLOURS = CELLS[0] * CELLS[1] * CELLS[2];
/** Sums a region: L, a, b, L², fine edges, wide edges, figure, x, y, ground; then texture; then the network's channels. */
const PLAIN = 10;

export interface Region {
  area: number;
  /** Pixels of its outline towards other regions, and on the picture's rim. */
  outline: number;
  rim: number;
  readonly sums: Float64Array;
  readonly colours: Float32Array;
  readonly borders: Map<number, Border>;
}

export interface Border {
  pixels: number;
  /** Sums over the border's pixel pairs: colour step, fine edges, wide edges, step of the figure. */
  step: number;
  fine: number;
  wide: number;
  figure: number;
}

export class RegionGraph {
  readonly regions = new Map<number, Region>();
  /** The picture's pixels and the pixels of its rim. */
  readonly pixels: number;
  readonly rim: number;
  private readonly parent: Int32Array;

  /** @param of the region of every pixel, 0 … count - 1 */
  constructor(
    private readonly cues: Cues,
    private readonly of: Int32Array,
    count: number,
  ) {
    const { width, height } = cues.lab;
    this.pixels = width * height;
    this.rim = 2 * (width + height);
    this.parent = Int32Array.from({ length: count }, (_, k) => k);
    const channels = cues.maps.reduce((sum, map) => sum + map.channels, 0);
    for (let k = 0; k < count; k++) {
      this.regions.set(k, {
        area: 0,
        outline: 0,
        rim: 0,
        sums: new Float64Array(PLAIN + TEXTURES + channels),
        colours: new Float32Array(COLOURS),
        borders: new Map(),
      });
    }
    this.measure();
    this.measureNetwork();
  }

  /** `b` becomes part of `a`, whether they touch or not. */
  merge(a: number, b: number): void {
    const p = this.regions.get(a)!;
    const q = this.regions.get(b)!;
    this.parent[b] = a;
    p.area += q.area;
    p.rim += q.rim;
    p.outline += q.outline - 2 * (p.borders.get(b)?.pixels ?? 0);
    for (let k = 0; k < p.sums.length; k++) p.sums[k]! += q.sums[k]!;
    for (let k = 0; k < COLOURS; k++) p.colours[k]! += q.colours[k]!;
    for (const [other, border] of q.borders) {
      const neighbour = this.regions.get(other)!;
      neighbour.borders.delete(b);
      if (other === a) continue;
      const known = p.borders.get(other);
      if (known) {
        known.pixels += border.pixels;
        known.step += border.step;
        known.fine += border.fine;
        known.wide += border.wide;
        known.figure += border.figure;
      } else {
        p.borders.set(other, border);
        neighbour.borders.set(a, border);
      }
    }
    this.regions.delete(b);
  }

  /** The region of every pixel as it is now, as keys of `regions`. */
  labels(): Int32Array {
    return this.of.map((k) => this.rootOf(k));
  }

  private rootOf(k: number): number {
    let root = k;
    while (this.parent[root] !== root) root = this.parent[root]!;
    return root;
  }

  private measure(): void {
    const { lab, texture, edges, figure, ground } = this.cues;
    const { width, height, data } = lab;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const i = y * width + x;
        const region = this.regions.get(this.of[i]!)!;
        const { sums } = region;
        region.area++;
        for (let c = 0; c < 3; c++) sums[c]! += data[i * 3 + c]!;
        sums[3]! += data[i * 3]! ** 2;
        sums[4]! += edges[0][i]!;
        sums[5]! += edges[1][i]!;
        sums[6]! += figure[i]!;
        sums[7]! += x / width;
        sums[8]! += y / height;
        sums[9]! += ground[i]!;
        for (let k = 0; k < TEXTURES; k++) sums[PLAIN + k]! += texture[i * TEXTURES + k]!;
        region.colours[cellOf(data, i)]!++;
        if (x === 0 || x === width - 1) region.rim++;
        if (y === 0 || y === height - 1) region.rim++;
        if (x + 1 < width) this.touch(i, i + 1);
        if (y + 1 < height) this.touch(i, i + width);
      }
    }
  }

  private measureNetwork(): void {
    let first = PLAIN + TEXTURES;
    this.cues.maps.forEach(({ channels, side, data }, k) => {
      const at = this.cues.at[k]!;
      for (let i = 0; i < this.of.length; i++) {
        const { sums } = this.regions.get(this.of[i]!)!;
        for (let c = 0, j = at[i]!; c < channels; c++, j += side * side) sums[first + c]! += data[j]!;
      }
      first += channels;
    });
  }

  private touch(i: number, j: number): void {
    const [a, b] = [this.of[i]!, this.of[j]!];
    if (a === b) return;
    const [p, q] = [this.regions.get(a)!, this.regions.get(b)!];
    p.outline++;
    q.outline++;
    let border = p.borders.get(b);
    if (!border) {
      border = { pixels: 0, step: 0, fine: 0, wide: 0, figure: 0 };
      p.borders.set(b, border);
      q.borders.set(a, border);
    }
    const { lab, edges, figure } = this.cues;
    const { data } = lab;
    border.pixels++;
    border.step += Math.hypot(
      data[i * 3]! - data[j * 3]!,
      data[i * 3 + 1]! - data[j * 3 + 1]!,
      data[i * 3 + 2]! - data[j * 3 + 2]!,
    );
    border.fine += (edges[0][i]! + edges[0][j]!) / 2;
    border.wide += (edges[1][i]! + edges[1][j]!) / 2;
    border.figure += Math.abs(figure[i]! - figure[j]!);
  }
}

function cellOf(data: Float32Array, i: number): number {
  let cell = 0;
  for (let c = 0; c < 3; c++) {
    const at = Math.round(data[i * 3 + c]! / CELL[c]!) + (c === 0 ? 0 : 3);
    cell = cell * CELLS[c]! + Math.min(CELLS[c]! - 1, Math.max(0, at));
  }
  return cell;
}

/** Histogram intersection: 1 for the same colours, 0 for none in common. */
export function sharedColours(p: Region, q: Region): number {
  let sum = 0;
  for (let k = 0; k < COLOURS; k++) sum += Math.min(p.colours[k]! / p.area, q.colours[k]! / q.area);
  return sum;
}

/** How far apart two regions' mean colours are, in CIELAB units. */
export function coloursApart(p: Region, q: Region): number {
  let sum = 0;
  for (let c = 0; c < 3; c++) sum += (p.sums[c]! / p.area - q.sums[c]! / q.area) ** 2;
  return Math.sqrt(sum);
}

/** The share of a region's pixels that have one of the ground's colours. */
export const groundShare = ({ sums, area }: Region): number => sums[9]! / area;

/** What a judge of two neighbours gets to see; all but the network's channels are about 0 … 1. */
export function describePair(graph: RegionGraph, a: number, b: number, out: Float32Array): void {
  const [p, q] = [graph.regions.get(a)!, graph.regions.get(b)!];
  const border = p.borders.get(b)!;
  const [small, large] = p.area < q.area ? [p, q] : [q, p];
  const mean = (region: Region, k: number): number => region.sums[k]! / region.area;
  const apart = (k: number): number => Math.abs(mean(p, k) - mean(q, k));
  const spread = (region: Region): number => Math.sqrt(Math.max(0, mean(region, 3) - mean(region, 0) ** 2));
  const near = (k: number): [number, number] => {
    const [u, v] = [mean(p, k), mean(q, k)];
    return u < v ? [u, v] : [v, u];
  };
  let n = 0;
  const put = (value: number): void => {
    out[n++] = value;
  };
  put(apart(0) / 30);
  put(apart(1) / 20);
  put(apart(2) / 20);
  put(Math.hypot(apart(0), apart(1), apart(2)) / 30);
  put(1 - sharedColours(p, q));
  put(Math.abs(spread(p) - spread(q)) / 10);
  put(Math.min(spread(p), spread(q)) / 10);
  put(border.step / border.pixels / 15);
  put(border.fine / border.pixels / 15);
  put(border.wide / border.pixels / 15);
  for (const k of [4, 5]) for (const value of near(k)) put(value / 15);
  put(border.pixels / small.outline);
  put(border.pixels / Math.sqrt(small.area) / 4);
  put(small.outline / Math.sqrt(small.area) / 8);
  put(large.outline / Math.sqrt(large.area) / 8);
  put(Math.log10(small.area / graph.pixels) + 2);
  put(Math.log10(large.area / graph.pixels) + 1);
  put(small.rim / graph.rim);
  put(large.rim / graph.rim);
  put(small.rim / (small.rim + small.outline));
  put(large.rim / (large.rim + large.outline));
  for (const value of near(6)) put(value);
  put(apart(6));
  put((border.figure / border.pixels) * 10);
  put(apart(7));
  put(apart(8));
  put(Math.max(mean(p, 8), mean(q, 8)));
  put(Math.log10(graph.regions.size) - 1.5);
  for (let k = PLAIN; k < p.sums.length; k++) put(apart(k));
  for (const value of near(9)) put(value);
  put(apart(9));
}
