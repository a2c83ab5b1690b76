/**
 * What becomes of an emptied place. Its nearest items grow into it, as D-Edit re-partitions (arXiv 2403.04880,
 * process_remain_mask), and it is filled from their pixels; bystanders have no part in that.
 */
import { complete, completionFrom } from '../draft/complete.js';
import { sourcesOf } from '../draft/sources.js';
import { heirsOf } from '../masks/distance.js';
import { MAX_LABELS } from '../masks/labelMap.js';
import { boundsOf, emptyMask } from '../masks/mask.js';
import { eachRun } from '../masks/runs.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { bystandersOf } from './bystanders.js';
import type { DraftPicture } from './kind.js';

/**
 * The picture with the place filled, and everybody's pixels afterwards. Every pixel is completed once: the bystanders' own
 * from themselves, the others from the ground.
 *
 * @param planned the pixels afterwards as the nearest items would have them
 * @param lifted items whose pixels are copied nowhere
 * @throws UserError when there is nothing around it to copy from
 */
export function emptied(
  before: DraftPicture,
  planned: LabelMap,
  place: Mask,
  { lifted, seed }: { lifted: readonly number[]; seed: number },
): { picture: Raster; labels: LabelMap } {
  const { picture, labels } = before;
  const bystanders = bystandersOf(before, place, lifted);
  if (bystanders.length > 0) {
    const theirs = bystanders.map((item) => takenOf(labels, item, place));
    const rest = withoutItems(place, labels, bystanders);
    const ground = sourcesOf(labels, place, [...lifted, ...bystanders]);
    const filled = completionFrom(picture, rest, ground)?.({ seed });
    if (filled) {
      return {
        // who is too thin to copy from keeps the pixels as they are
        picture: theirs.reduce(
          (sofar, { taken, left }) => completionFrom(sofar, taken, left)?.({ seed }) ?? sofar,
          filled,
        ),
        labels: without(bystanders, before, planned, place, lifted),
      };
    }
  }
  const sources = sourcesOf(labels, place, lifted);
  return { picture: complete(picture, place, sources, { seed }), labels: planned };
}

/** What the place took of an item, and what it left. */
function takenOf(labels: LabelMap, item: number, place: Mask): { taken: Mask; left: Mask } {
  const { width, height, data } = labels;
  const [taken, left] = [emptyMask(width, height), emptyMask(width, height)];
  eachRun(data, (label, from, to) => {
    if (label === item) for (let i = from; i < to; i++) (place.data[i] ? taken : left).data[i] = 1;
  });
  return { taken, left };
}

/** The place's pixels that are none of the items'. */
function withoutItems(place: Mask, labels: LabelMap, items: readonly number[]): Mask {
  const theirs = new Uint8Array(MAX_LABELS);
  for (const item of items) theirs[item] = 1;
  const data = new Uint8Array(place.data);
  eachRun(labels.data, (label, from, to) => theirs[label] && data.fill(0, from, to));
  return { ...place, data };
}

/** The plan's pixels, where those that the bystanders would get go to the nearest others. */
function without(
  bystanders: readonly number[],
  { labels }: DraftPicture,
  planned: LabelMap,
  place: Mask,
  lifted: readonly number[],
): LabelMap {
  const stays = new Uint8Array(MAX_LABELS).fill(1);
  for (const item of [...lifted, ...bystanders]) stays[item] = 0;
  const gets = new Uint8Array(MAX_LABELS);
  for (const item of bystanders) gets[item] = 1;
  const given = emptyMask(labels.width, labels.height);
  const [before, after] = [labels.data, planned.data];
  // only what was lifted is given away, and all of that is in the place
  const { left, top, ...size } = boundsOf(place)!;
  for (let y = top; y < top + size.height; y++) {
    const end = y * labels.width + left + size.width;
    for (let i = end - size.width; i < end; i++) if (after[i] !== before[i]) given.data[i] = gets[after[i]!]!;
  }
  const heirs = heirsOf(labels, place, stays, given);
  if (!heirs) return planned;
  const data = new Uint8Array(after);
  const { box } = heirs;
  for (let y = 0, i = 0; y < box.height; y++) {
    let at = (box.top + y) * labels.width + box.left;
    for (const end = i + box.width; i < end; i++, at++) if (given.data[at]) data[at] = heirs.labels[i]!;
  }
  return { ...planned, data };
}
