/** Regions finer than items are: where words or a finger point to, the thing may be smaller than an item, or larger. */
import { createHash } from 'node:crypto';
import type { Mask, Raster } from '../../raster.js';
import type { LabPicture } from '../lab.js';
import { maskOfRegion, masksOf, superpixelGraph, watch } from './begin.js';
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
    tree.push(maskOfRegion(labels, grown, width, height));
  }
  return tree;
}

/** A cut finer than `segment`'s: a region's number for each pixel of the working picture. */
export interface FineCut {
  readonly lab: LabPicture;
  readonly regions: ArrayLike<number>;
}

/** Of the picture that was pointed into last: whoever points there points again, and pictures come as bytes each time. */
let last: { readonly of: string; readonly cut: Promise<FineCut> } | undefined;

/** The regions that somebody may point to. */
export function fineCut(picture: Raster): Promise<FineCut> {
  const of = createHash('sha1').update(`${picture.width} `).update(picture.data).digest('hex');
  if (last?.of === of) return last.cut;
  const cut = cutFinely(picture);
  last = { of, cut };
  cut.catch(() => (last = undefined));
  return cut;
}

async function cutFinely(picture: Raster): Promise<FineCut> {
  const { cues } = await watch(picture);
  const graph = superpixelGraph(cues);
  mergeRegions(graph, Judge.get(), FINE);
  return { lab: cues.lab, regions: graph.labels() };
}

/** 1 for the pixels of the working picture that go with those `at`. */
export function regionsAt({ regions, lab }: FineCut, at: readonly number[]): Mask {
  const { width, height } = lab;
  const wanted = new Set(at.map((i) => regions[i]!));
  return { width, height, data: Uint8Array.from(regions, (region) => (wanted.has(region) ? 1 : 0)) };
}
