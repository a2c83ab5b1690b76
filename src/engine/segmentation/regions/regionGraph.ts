/** Touching regions, what is known of each and of the borders between them; two can become one. */
import { type Cues, TEXTURES } from './cues.js';

/** Colour histograms have cells this wide in L and in a, b; a and b beyond ±48 share the outermost. */
const CELL = [15, 16, 16] as const;
const CELLS = [7, 7, 7] as const;
export const COLOURS = CELLS[0] * CELLS[1] * CELLS[2];
/** Where in a region's sums over its pixels what is: `Cues` says what each is of a pixel. x and y are shares of the sides. */
export const SUM = {
  l: 0,
  a: 1,
  b: 2,
  l2: 3,
  fine: 4,
  wide: 5,
  figure: 6,
  x: 7,
  y: 8,
  ground: 9,
  texture: 10,
} as const;
/** Behind the textures are the network's channels. */
const NETWORK = SUM.texture + TEXTURES;

export interface Region {
  /** Pixels. */
  area: number;
  /** Pixels of its outline towards other regions, and on the picture's rim. */
  outline: number;
  rim: number;
  /** Over its pixels, as `SUM` orders them. */
  readonly sums: Float64Array;
  /** How many of its pixels are of each of COLOURS cells. */
  readonly colours: Float32Array;
  /** With each region that touches it, by its key; both ends hold the same object. */
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

  /** @param of the region of every pixel, 0 … count - 1, or -1 for pixels that are left out; numbers without pixels are no regions */
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
    const all = NETWORK + channels;
    // one piece of memory for all: a buffer each takes longer to get than to fill
    const sums = new Float64Array(count * all);
    const colours = new Float32Array(count * COLOURS);
    for (let k = 0; k < count; k++) {
      this.regions.set(k, {
        area: 0,
        outline: 0,
        rim: 0,
        sums: sums.subarray(k * all, (k + 1) * all),
        colours: colours.subarray(k * COLOURS, (k + 1) * COLOURS),
        borders: new Map(),
      });
    }
    this.measure();
    this.measureNetwork();
    for (const [k, { area }] of this.regions) if (area === 0) this.regions.delete(k);
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

  /** The region of every pixel as it is now, as keys of `regions`; -1 stays. */
  labels(): Int32Array {
    const roots = this.parent.map((_, k) => this.rootOf(k));
    const labels = new Int32Array(this.of);
    for (let i = 0; i < labels.length; i++) if (labels[i]! >= 0) labels[i] = roots[labels[i]!]!;
    return labels;
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
        if (x + 1 < width) this.touch(i, i + 1);
        if (y + 1 < height) this.touch(i, i + width);
        const region = this.regions.get(this.of[i]!);
        if (!region) continue;
        const { sums } = region;
        region.area++;
        for (let c = 0; c < 3; c++) sums[c]! += data[i * 3 + c]!;
        sums[SUM.l2]! += data[i * 3]! ** 2;
        sums[SUM.fine]! += edges[0][i]!;
        sums[SUM.wide]! += edges[1][i]!;
        sums[SUM.figure]! += figure[i]!;
        sums[SUM.x]! += x / width;
        sums[SUM.y]! += y / height;
        sums[SUM.ground]! += ground[i]!;
        for (let k = 0; k < TEXTURES; k++) sums[SUM.texture + k]! += texture[i * TEXTURES + k]!;
        region.colours[cellOf(data, i)]!++;
        if (x === 0 || x === width - 1) region.rim++;
        if (y === 0 || y === height - 1) region.rim++;
      }
    }
  }

  private measureNetwork(): void {
    let first: number = NETWORK;
    this.cues.maps.forEach(({ channels, data }, k) => {
      const at = this.cues.at[k]!;
      for (let i = 0; i < this.of.length; i++) {
        const sums = this.regions.get(this.of[i]!)?.sums;
        if (!sums) continue;
        for (let c = 0, j = at[i]! * channels; c < channels; c++, j++) sums[first + c]! += data[j]!;
      }
      first += channels;
    });
  }

  private touch(i: number, j: number): void {
    const [a, b] = [this.of[i]!, this.of[j]!];
    if (a === b) return;
    const [p, q] = [this.regions.get(a), this.regions.get(b)];
    if (p) p.outline++;
    if (q) q.outline++;
    if (!p || !q) return;
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
