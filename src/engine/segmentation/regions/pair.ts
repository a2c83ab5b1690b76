/** What two regions have in common. */
import { TEXTURES } from './cues.js';
import { COLOURS, type Region, type RegionGraph, SUM } from './regionGraph.js';

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

/** How far apart two regions' textures are: the mean over `TEXTURES` of log(1 + difference of lightness). */
export function textureApart(p: Region, q: Region): number {
  let sum = 0;
  for (let k: number = SUM.texture; k < SUM.texture + TEXTURES; k++) {
    sum += Math.abs(p.sums[k]! / p.area - q.sums[k]! / q.area);
  }
  return sum / TEXTURES;
}

/** The share of a region's pixels that have one of the ground's colours. */
export const groundShare = ({ sums, area }: Region): number => sums[SUM.ground]! / area;

/**
 * What the judge gets to see of two neighbours, into `out` (`Judge.features` numbers): 32 of colour, edges, shape, place and
 * figure, then how far apart they are in each texture and channel of the network, then three of the ground. All but the
 * network's are about 0 … 1. The judge is fitted to this order: whoever changes it fits anew (training/judge).
 */
export function describePair(graph: RegionGraph, a: number, b: number, out: Float32Array): void {
  const [p, q] = [graph.regions.get(a)!, graph.regions.get(b)!];
  const border = p.borders.get(b)!;
  const [small, large] = p.area < q.area ? [p, q] : [q, p];
  const mean = (region: Region, k: number): number => region.sums[k]! / region.area;
  const apart = (k: number): number => Math.abs(mean(p, k) - mean(q, k));
  const spread = (region: Region): number =>
    Math.sqrt(Math.max(0, mean(region, SUM.l2) - mean(region, SUM.l) ** 2));
  const near = (k: number): [number, number] => {
    const [u, v] = [mean(p, k), mean(q, k)];
    return u < v ? [u, v] : [v, u];
  };
  let n = 0;
  const put = (value: number): void => {
    out[n++] = value;
  };
  put(apart(SUM.l) / 30);
  put(apart(SUM.a) / 20);
  put(apart(SUM.b) / 20);
  put(coloursApart(p, q) / 30);
  put(1 - sharedColours(p, q));
  put(Math.abs(spread(p) - spread(q)) / 10);
  put(Math.min(spread(p), spread(q)) / 10);
  put(border.step / border.pixels / 15);
  put(border.fine / border.pixels / 15);
  put(border.wide / border.pixels / 15);
  for (const k of [SUM.fine, SUM.wide]) for (const value of near(k)) put(value / 15);
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
  for (const value of near(SUM.figure)) put(value);
  put(apart(SUM.figure));
  put((border.figure / border.pixels) * 10);
  put(apart(SUM.x));
  put(apart(SUM.y));
  put(Math.max(mean(p, SUM.y), mean(q, SUM.y)));
  put(Math.log10(graph.regions.size) - 1.5);
  for (let k: number = SUM.texture; k < p.sums.length; k++) put(apart(k));
  for (const value of near(SUM.ground)) put(value);
  put(apart(SUM.ground));
}
