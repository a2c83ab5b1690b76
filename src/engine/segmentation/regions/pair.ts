/** What two regions have in common. */
import { TEXTURES } from './cues.js';
import { COLOURS, type Region, type RegionGraph, SUM } from './regionGraph.js';

/** Histogram intersection: 1 for the same colours, 0 for none in common. */
function sharedColours(p: Region, q: Region): number {
  const [ofP, ofQ] = [p.colours, q.colours];
  let sum = 0;
  for (let k = 0; k < COLOURS; k++) {
    const count = ofP[k]!;
    // small regions have few colours
    if (count > 0) sum += Math.min(count / p.area, ofQ[k]! / q.area);
  }
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
  const [spreadP, spreadQ] = [spread(p), spread(q)];
  let n = 0;
  out[n++] = apart(p, q, SUM.l) / 30;
  out[n++] = apart(p, q, SUM.a) / 20;
  out[n++] = apart(p, q, SUM.b) / 20;
  out[n++] = coloursApart(p, q) / 30;
  out[n++] = 1 - sharedColours(p, q);
  out[n++] = Math.abs(spreadP - spreadQ) / 10;
  out[n++] = Math.min(spreadP, spreadQ) / 10;
  out[n++] = border.step / border.pixels / 15;
  out[n++] = border.fine / border.pixels / 15;
  out[n++] = border.wide / border.pixels / 15;
  out[n++] = lesser(p, q, SUM.fine) / 15;
  out[n++] = greater(p, q, SUM.fine) / 15;
  out[n++] = lesser(p, q, SUM.wide) / 15;
  out[n++] = greater(p, q, SUM.wide) / 15;
  out[n++] = border.pixels / small.outline;
  out[n++] = border.pixels / Math.sqrt(small.area) / 4;
  out[n++] = small.outline / Math.sqrt(small.area) / 8;
  out[n++] = large.outline / Math.sqrt(large.area) / 8;
  out[n++] = Math.log10(small.area / graph.pixels) + 2;
  out[n++] = Math.log10(large.area / graph.pixels) + 1;
  out[n++] = small.rim / graph.rim;
  out[n++] = large.rim / graph.rim;
  out[n++] = small.rim / (small.rim + small.outline);
  out[n++] = large.rim / (large.rim + large.outline);
  out[n++] = lesser(p, q, SUM.figure);
  out[n++] = greater(p, q, SUM.figure);
  out[n++] = apart(p, q, SUM.figure);
  out[n++] = (border.figure / border.pixels) * 10;
  out[n++] = apart(p, q, SUM.x);
  out[n++] = apart(p, q, SUM.y);
  out[n++] = greater(p, q, SUM.y);
  out[n++] = Math.log10(graph.regions.size) - 1.5;
  for (let k: number = SUM.texture; k < p.sums.length; k++) out[n++] = apart(p, q, k);
  out[n++] = lesser(p, q, SUM.ground);
  out[n++] = greater(p, q, SUM.ground);
  out[n] = apart(p, q, SUM.ground);
}

const mean = ({ sums, area }: Region, k: number): number => sums[k]! / area;
const apart = (p: Region, q: Region, k: number): number => Math.abs(mean(p, k) - mean(q, k));
const lesser = (p: Region, q: Region, k: number): number => Math.min(mean(p, k), mean(q, k));
const greater = (p: Region, q: Region, k: number): number => Math.max(mean(p, k), mean(q, k));
const spread = (region: Region): number =>
  Math.sqrt(Math.max(0, mean(region, SUM.l2) - mean(region, SUM.l) ** 2));
