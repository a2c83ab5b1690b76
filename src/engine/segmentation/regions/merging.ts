/** Regions are merged, the surest pair first, until what is left are things apart. */
import type { Judge } from './judge.js';
import { describePair } from './pair.js';
import { type Pair, SurestPairs } from './surestPairs.js';
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

/**
 * Merges touching regions of the graph in place. A pair is judged when it comes up, and again when one of the two has grown;
 * since what the judge says of a pair also depends on how many regions are left, each call judges all pairs anew.
 */
export function mergeRegions(graph: RegionGraph, judge: Judge, limits: MergeLimits): void {
  const pairs = new Map<number, Pair>();
  const all = new SurestPairs();
  /** Those of which one is too small: a pair that has grown is judged anew. */
  const ofSmall = new SurestPairs();
  const seen = new Float32Array(judge.features);
  const consider = (a: number, b: number): void => {
    if (limits.apart?.has(a) || limits.apart?.has(b)) return;
    describePair(graph, a, b, seen);
    const pair: Pair = { a, b, probability: judge.probability(seen), isGone: false };
    pairs.set(keyOf(a, b), pair);
    all.add(pair);
    const area = Math.min(graph.regions.get(a)!.area, graph.regions.get(b)!.area);
    if (area < limits.least * graph.pixels) ofSmall.add(pair);
  };
  const forget = (key: number): void => {
    const pair = pairs.get(key);
    if (pair) pair.isGone = true;
    pairs.delete(key);
  };
  for (const [a, { borders }] of graph.regions) for (const b of borders.keys()) if (a < b) consider(a, b);
  for (;;) {
    const best = all.surest();
    if (!best) return;
    const enough = graph.regions.size <= limits.most && best.probability < limits.surely;
    const chosen = enough ? ofSmall.surest() : best;
    if (!chosen) return;
    const { a, b } = chosen;
    for (const k of [a, b]) {
      for (const other of graph.regions.get(k)!.borders.keys()) forget(keyOf(k, other));
    }
    graph.merge(a, b);
    for (const other of graph.regions.get(a)!.borders.keys())
      consider(Math.min(a, other), Math.max(a, other));
  }
}

const keyOf = (a: number, b: number): number => Math.min(a, b) * 65536 + Math.max(a, b);
