/**
 * Any picture into a few items, with what comes in the repository. It stands in where no panoptic model is at hand.
 * docs/segmentation.md tells the method; this file is the order of its stages:
 *
 * 1. `watch`            what is seen: the working picture in CIELAB, its cues a pixel, what MediaPipe's network sees
 * 2. `findPeople`       people, as one mask; `lookCloser` at each of them
 * 3. `superpixelGraph`  about 600 small regions and the borders between them
 * 4. `thingsOf`         they become one while the judge holds them to be one thing; people, things of one kind and pieces
 *                       of one ground have their own rules
 * 5. `settleBorders`    near borders each pixel goes with those that look like it
 * 6. `nameItems`        by the checkpoint where it knows them, else by colour and place
 * 7. `upsampleLabels`   to the picture's own size, borders on its edges
 */
import { resizeRaster } from '../compositing/resize.js';
import { areaOf } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import type { LabPicture } from './lab.js';
import { nameItems } from './names.js';
import { lookCloser } from './person/closer.js';
import { findPeople } from './person/people.js';
import { masksOf, superpixelGraph, watch } from './regions/begin.js';
import { Judge } from './regions/judge.js';
import { settleBorders } from './regions/settleBorders.js';
import { thingsOf } from './regions/things.js';
import { MOST_ITEMS, type Segmentation } from './segmenter.js';
import { upsampleLabels } from './upsample.js';

export interface SegmentOptions {
  readonly maxItems?: number;
  /** Tells what the things in a picture are, where it knows that: a name a label. It gets the working picture. */
  readonly know?:
    ((picture: Raster, labels: LabelMap) => Promise<readonly (string | undefined)[]>) | undefined;
}

/**
 * Cuts a picture into at most `maxItems` items (`MOST_ITEMS` by default), as few as the picture has: item 0 is the ground, the
 * others follow by falling area. A picture of one colour or one texture is one item.
 */
export async function segment(
  picture: Raster,
  { maxItems = MOST_ITEMS, know }: SegmentOptions = {},
): Promise<Segmentation> {
  const { seen, cues } = await watch(picture);
  const { lab } = cues;
  const marked = maxItems > 1 ? findPeople(seen, cues.figure, lab) : undefined;
  const people = marked && (await lookCloser(picture, marked, cues.figure));
  const most = Math.max(1, people ? maxItems - 1 : maxItems);
  const graph = thingsOf(superpixelGraph(cues), cues, Judge.get(), { people, most });
  const things = masksOf(graph, lab);
  const ground = things.length > 0 ? things.reduce((p, q) => (rimOf(q) > rimOf(p) ? q : p)) : people!;
  const rest = [...things, ...(people ? [people] : [])].filter((mask) => mask !== ground);
  const ordered = [ground, ...rest.sort((p, q) => areaOf(q) - areaOf(p))];
  const small = settleBorders(labelled(ordered, lab), lab);
  const known = await know?.(await resizeRaster(picture, lab.width, lab.height), small);
  const names = nameItems(ordered, lab, people && ordered.indexOf(people), known);
  return { labels: upsampleLabels(small, picture), items: names.map((name) => ({ name })) };
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
