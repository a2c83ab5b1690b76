/** Regions finer than items are: where words or a finger point to, the thing may be smaller than an item, or larger. */
import type { Mask, Raster } from '../../raster.js';
import { masksOf, superpixelGraph, watch } from './begin.js';
import { Judge } from './judge.js';
import { mergeRegions } from './merging.js';

/** So many regions are where the tree of them begins: fewer lose small things, more are pieces of things. */
const LEAVES = 40;
/** For the regions at places that somebody points to: surer than items, and more of them. */
const FINE = { surely: 0.65, most: 24, least: 0.001 };

/**
 * Everything that may be a thing, as masks of the working picture (`toLab`): the regions that merging goes through on
 * its way from LEAVES of them to two.
 */
export async function regionTree(picture: Raster): Promise<Mask[]> {
  const { cues } = await watch(picture);
  const graph = superpixelGraph(cues);
  const down = (most: number): void => mergeRegions(graph, Judge.get(), { surely: Infinity, most, least: 0 });
  down(LEAVES);
  const tree = masksOf(graph, cues.lab);
  while (graph.regions.size > 2) {
    const before = new Map([...graph.regions].map(([k, { area }]) => [k, area]));
    down(graph.regions.size - 1);
    const grown = [...graph.regions].find(([k, { area }]) => area !== before.get(k))![0];
    const labels = graph.labels();
    const { width, height } = cues.lab;
    tree.push({ width, height, data: Uint8Array.from(labels, (label) => (label === grown ? 1 : 0)) });
  }
  return tree;
}

/** 1 for the pixels of the working picture (`toLab`) that go with those `at`, on a finer cut than `segment`'s. */
export async function regionsAt(picture: Raster, at: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
  const graph = superpixelGraph((await watch(picture)).cues);
  mergeRegions(graph, Judge.get(), FINE);
  const labels = graph.labels();
  const wanted = new Set(at.map((i) => labels[i]!));
  return Uint8Array.from(labels, (label) => (wanted.has(label) ? 1 : 0));
}
