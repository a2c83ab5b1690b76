/** From small regions to the picture's things. */
import type { Mask } from '../../raster.js';
import type { Cues } from './cues.js';
import { joinGround } from './groundPieces.js';
import type { Judge } from './judge.js';
import { likeThings } from './likeThings.js';
import { mergeRegions } from './merging.js';
import { coloursApart } from './pair.js';
import { type Region, RegionGraph } from './regionGraph.js';

/** While two regions are one thing more likely than this, there are no things yet. */
const NO_THINGS_YET = 0.65;
/** Two regions are one thing if that is more likely than this. */
const ONE_THING = 0.5;
/** Smaller shares of the picture are parts of what is around them. */
const LEAST_THING = 0.004;

/**
 * The picture's things besides its people, at most `most`.
 * @param graph superpixels; it is used up
 */
export function thingsOf(
  graph: RegionGraph,
  cues: Cues,
  judge: Judge,
  { people, most }: { people?: Mask | undefined; most: number },
): RegionGraph {
  mergeRegions(graph, judge, { surely: NO_THINGS_YET, most: Infinity, least: 0 });
  const alike = likeThings(graph);
  const limits = { surely: ONE_THING, least: LEAST_THING };
  // judged anew, pairs that were apart by a hair become one: only where something else comes between
  const between = people !== undefined || alike.length > 0;
  mergeRegions(graph, judge, { ...limits, most: between ? Infinity : most, apart: new Set(alike) });
  if (!between) {
    joinGround(graph);
    return graph;
  }
  const things = people ? besides(people, graph, cues) : graph;
  fewer(
    things,
    most,
    alike.filter((k) => things.regions.has(k)),
    (apart) => mergeRegions(things, judge, { ...limits, most, apart }),
  );
  joinGround(things);
  return things;
}

/** No more than `most`: things of one kind together first, then the surest pairs, then what does not touch. */
function fewer(
  graph: RegionGraph,
  most: number,
  alike: readonly number[],
  merge: (apart: ReadonlySet<number>) => void,
): void {
  const [one, ...others] = alike;
  if (one !== undefined && graph.regions.size > most) {
    for (const other of others) graph.merge(one, other);
    if (most > 2) merge(new Set([one]));
  }
  if (graph.regions.size > most) merge(new Set());
  while (graph.regions.size > most) {
    const [smallest, ...rest] = [...graph.regions].sort(([, p], [, q]) => p.area - q.area);
    const apart = (region: Region): number => coloursApart(smallest![1], region);
    const [nearest] = rest.sort(([, p], [, q]) => apart(p) - apart(q));
    graph.merge(nearest![0], smallest![0]);
  }
}

/** The regions without the people's pixels; what is left of a region that was mostly people joins the largest. */
function besides(people: Mask, graph: RegionGraph, cues: Cues): RegionGraph {
  const labels = graph.labels();
  const left = new Map([...graph.regions.keys()].map((k) => [k, 0]));
  labels.forEach((k, i) => people.data[i] || left.set(k, left.get(k)! + 1));
  const stays = (k: number): boolean =>
    left.get(k)! > Math.max(LEAST_THING * labels.length, graph.regions.get(k)!.area / 3);
  const [largest] = [...left].sort(([k, p], [l, q]) => Number(stays(l)) - Number(stays(k)) || q - p)[0]!;
  const of = labels.map((k, i) => (people.data[i] ? -1 : stays(k) ? k : largest));
  return new RegionGraph(cues, of, Math.max(...graph.regions.keys()) + 1);
}
