/**
 * Any picture into a few items, with what comes in the repository. It stands in where no panoptic model is at hand.
 * docs/segmentation.md tells the method; this file is the order of its stages:
 *
 * 1. `watch`            what is seen: the working picture in CIELAB, its cues a pixel, what MediaPipe's network sees
 * 2. `findPeople`       people, as one mask
 * 3. `superpixelGraph`  about 600 small regions and the borders between them
 * 4. `mergeRegions`     touching regions become one while the judge holds them to be one thing
 * 5. `joinGround`       pieces of one ground that lie apart become one
 * 6. `besides`          the people's pixels leave the regions that they were cut into
 * 7. `nameItems`        by the checkpoint where it knows them, else by colour and place
 * 8. `upsampleLabels`   to the picture's own size, borders on its edges
 */
import { resizeRaster } from '../compositing/resize.js';
import { areaOf } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import type { LabPicture } from './lab.js';
import { nameItems } from './names.js';
import { findPeople } from './person/people.js';
import { masksOf, superpixelGraph, watch } from './regions/begin.js';
import { joinGround } from './regions/groundPieces.js';
import { Judge } from './regions/judge.js';
import { mergeRegions } from './regions/merging.js';
import type { Segmentation } from './segmenter.js';
import { upsampleLabels } from './upsample.js';

export interface SegmentOptions {
  readonly maxItems?: number;
  /** Tells what the things in a picture are, where it knows that: a name a label. It gets the working picture. */
  readonly know?:
    ((picture: Raster, labels: LabelMap) => Promise<readonly (string | undefined)[]>) | undefined;
}

/** Two regions are one thing if that is more likely than this. */
const ONE_THING = 0.5;
/** Smaller shares of the picture are parts of what is around them. */
const LEAST_THING = 0.004;

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
