/**
 * Any picture into a few items, with what comes in the repository: superpixels are merged by what classical vision and
 * a small network see of them; people are cut whole. It stands in where no panoptic model is at hand.
 */
import { resizeRaster } from '../compositing/resize.js';
import { areaOf } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { type Cues, cuesOf } from './cues.js';
import { Judge } from './judge.js';
import { type LabPicture, toLab } from './lab.js';
import { joinGround, mergeRegions } from './merging.js';
import { nameItems } from './names.js';
import { NETWORK_SIDE } from './person/network.js';
import { findPeople } from './person/people.js';
import { look, type Seen } from './person/person.js';
import { RegionGraph } from './regionGraph.js';
import type { Segmentation } from './segmenter.js';
import { superpixelsOf } from './superpixels.js';
import { upsampleLabels } from './upsample.js';

export interface SegmentOptions {
  readonly maxItems?: number;
  /** Tells what the things in a picture are, where it knows that: a name a label. It gets the working picture. */
  readonly know?:
    ((picture: Raster, labels: LabelMap) => Promise<readonly (string | undefined)[]>) | undefined;
}

/** About so many superpixels, and none with sides shorter than this. */
const SUPERPIXELS = 600;
const LEAST_STEP = 3;
/** Two regions are one thing if that is more likely than this. */
const ONE_THING = 0.5;
/** Smaller shares of the picture are parts of what is around them. */
const LEAST_THING = 0.004;
/** For the regions at places that somebody points to: surer, and more of them. */
const FINE = { surely: 0.65, most: 24, least: 0.001 };

/**
 * Cuts a picture into at most `maxItems` items (8 by default), as few as the picture has: item 0 is the ground, the
 * others follow by falling area. A picture of one colour or one texture is one item.
 */
export async function segment(
  picture: Raster,
  { maxItems = 8, know }: SegmentOptions = {},
): Promise<Segmentation> {
  const { seen, cues } = await watch(picture);
  const { lab } = cues;
  const people = maxItems > 1 ? findPeople(seen, cues.figure, lab) : undefined;
  const graph = superpixelGraph(cues);
  const most = Math.max(1, people ? maxItems - 1 : maxItems);
  mergeRegions(graph, Judge.get(), { surely: ONE_THING, most, least: LEAST_THING });
  joinGround(graph);
  const things = people ? besides(people, masksOf(graph, lab)) : masksOf(graph, lab);
  const ground = things.reduce((p, q) => (rimOf(q) > rimOf(p) ? q : p));
  const rest = [...things.filter((mask) => mask !== ground), ...(people ? [people] : [])];
  const ordered = [ground, ...rest.sort((p, q) => areaOf(q) - areaOf(p))];
  const small = labelled(ordered, lab);
  const known = await know?.(await resizeRaster(picture, lab.width, lab.height), small);
  const names = nameItems(ordered, lab, people && ordered.indexOf(people), known);
  return { labels: upsampleLabels(small, picture), items: names.map((name) => ({ name })) };
}

/** So many regions are where the tree of them begins: fewer lose small things, more are pieces of things. */
const LEAVES = 40;

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

/** What is seen of a picture before it is cut. */
export async function watch(picture: Raster): Promise<{ seen: Seen; cues: Cues }> {
  const seen = await look(await resizeRaster(picture, NETWORK_SIDE, NETWORK_SIDE));
  return { seen, cues: cuesOf(toLab(picture), seen) };
}

/** The regions that merging begins with. */
export function superpixelGraph(cues: Cues): RegionGraph {
  const { width, height } = cues.lab;
  const whole = { width, height, data: new Uint8Array(width * height).fill(1) };
  const step = Math.max(LEAST_STEP, Math.sqrt((width * height) / SUPERPIXELS));
  const { of, count } = superpixelsOf(cues.lab, whole, step);
  return new RegionGraph(cues, of, count);
}

/** The regions as masks, largest first. */
function masksOf(graph: RegionGraph, { width, height }: LabPicture): Mask[] {
  const labels = graph.labels();
  return [...graph.regions]
    .sort(([, p], [, q]) => q.area - p.area)
    .map(([k]) => ({ width, height, data: Uint8Array.from(labels, (label) => (label === k ? 1 : 0)) }));
}

/** The things without the people's pixels; what is left of a thing that was mostly people joins the largest. */
function besides(people: Mask, things: readonly Mask[]): Mask[] {
  const left = things.map((mask) => ({
    ...mask,
    data: mask.data.map((value, i) => (people.data[i] ? 0 : value)),
  }));
  const stays = left.map(
    (mask, k) => areaOf(mask) > Math.max(LEAST_THING * mask.data.length, areaOf(things[k]!) / 3),
  );
  const kept = left.filter((_, k) => stays[k]);
  const [largest] = kept.length > 0 ? kept : left.sort((p, q) => areaOf(q) - areaOf(p));
  left.forEach((mask, k) => {
    if (!stays[k] && mask !== largest) mask.data.forEach((value, i) => (largest!.data[i]! |= value));
  });
  return kept.length > 0 ? kept : [largest!];
}

function labelled(masks: readonly Mask[], { width, height }: LabPicture): LabelMap {
  const data = new Uint8Array(width * height);
  masks.forEach((mask, label) => {
    for (let i = 0; i < data.length; i++) if (mask.data[i]) data[i] = label;
  });
  return { width, height, data };
}

function rimOf({ width, height, data }: Mask): number {
  let rim = 0;
  for (let x = 0; x < width; x++) rim += data[x]! + data[(height - 1) * width + x]!;
  for (let y = 0; y < height; y++) rim += data[y * width]! + data[y * width + width - 1]!;
  return rim;
}
