/** Regions are merged, the surest pair first, until what is left are things apart. */
import type { Judge } from './judge.js';
import { coloursApart, describePair, groundShare, type RegionGraph } from './regionGraph.js';

export interface MergeLimits {
  /** Merging goes on while the surest pair is one thing with at least this probability … */
  readonly surely: number;
  /** … or while there are more regions than this … */
  readonly most: number;
  /** … and in any case while a region is smaller than this share of the picture. */
  readonly least: number;
}

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly probability: number;
}

/** Merges regions of the graph in place. */
export function mergeRegions(graph: RegionGraph, judge: Judge, limits: MergeLimits): void {
  const pairs = new Map<number, Pair>();
  const seen = new Float32Array(judge.features);
  const consider = (a: number, b: number): void => {
    describePair(graph, a, b, seen);
    pairs.set(keyOf(a, b), { a, b, probability: judge.probability(seen) });
  };
  for (const [a, { borders }] of graph.regions) for (const b of borders.keys()) if (a < b) consider(a, b);
  for (;;) {
    const best = surest(pairs.values());
    if (!best) return;
    const enough = graph.regions.size <= limits.most && best.probability < limits.surely;
    const chosen = enough ? surest(withSmall(pairs.values(), graph, limits.least)) : best;
    if (!chosen) return;
    const { a, b } = chosen;
    for (const k of [a, b]) {
      for (const other of graph.regions.get(k)!.borders.keys()) pairs.delete(keyOf(k, other));
    }
    graph.merge(a, b);
    for (const other of graph.regions.get(a)!.borders.keys())
      consider(Math.min(a, other), Math.max(a, other));
  }
}

/** Pieces of the ground that lie apart: of its colours for the most part, alike, and small, as shares of the picture. */
const [GROUND, ALIKE, PIECE] = [0.7, 8, 0.06];

/**
 * Small pieces of the ground that things cut off from it become one region with it: wall seen under an arm, floor between
 * table legs. On 60 scenes (seed 910001) all nine such pairs were one ground, of 50 of BSDS500's val pictures nine
 * of 15, as the people saw it who drew outlines there.
 */
export function joinGround(graph: RegionGraph): void {
  for (;;) {
    const ground = [...graph.regions].filter(([, region]) => groundShare(region) > GROUND);
    let best: { a: number; b: number; apart: number } | undefined;
    for (const [n, [a, p]] of ground.entries()) {
      for (const [b, q] of ground.slice(n + 1)) {
        if (p.borders.has(b) || Math.min(p.area, q.area) > PIECE * graph.pixels) continue;
        const apart = coloursApart(p, q);
        if (apart < (best?.apart ?? ALIKE)) best = { a, b, apart };
      }
    }
    if (!best) return;
    graph.merge(best.a, best.b);
  }
}

const keyOf = (a: number, b: number): number => Math.min(a, b) * 65536 + Math.max(a, b);

function surest(pairs: Iterable<Pair>): Pair | undefined {
  let best: Pair | undefined;
  for (const pair of pairs) if (!best || pair.probability > best.probability) best = pair;
  return best;
}

function* withSmall(pairs: Iterable<Pair>, graph: RegionGraph, least: number): Generator<Pair> {
  for (const pair of pairs) {
    const area = Math.min(graph.regions.get(pair.a)!.area, graph.regions.get(pair.b)!.area);
    if (area < least * graph.pixels) yield pair;
  }
}
