/** Regions are merged, the surest pair first, until what is left are things apart. */
import type { Judge } from './judge.js';
import { describePair } from './pair.js';
import type { RegionGraph } from './regionGraph.js';

export interface MergeLimits {
  /** Merging goes on while the surest pair is one thing with at least this probability … */
  readonly surely: number;
  /** … or while there are more regions than this … */
  readonly most: number;
  /** … and in any case while a region is smaller than this share of the picture. */
  readonly least: number;
  /** These stay as they are. */
  readonly apart?: ReadonlySet<number>;
}

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly probability: number;
}

/**
 * Merges touching regions of the graph in place. A pair is judged when it comes up, and again when one of the two has grown;
 * since what the judge says of a pair also depends on how many regions are left, each call judges all pairs anew.
 */
export function mergeRegions(graph: RegionGraph, judge: Judge, limits: MergeLimits): void {
  const pairs = new Map<number, Pair>();
  const seen = new Float32Array(judge.features);
  const consider = (a: number, b: number): void => {
    if (limits.apart?.has(a) || limits.apart?.has(b)) return;
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
