/**
 * What becomes of an emptied place. Its nearest items grow into it, as D-Edit re-partitions (arXiv 2403.04880,
 * process_remain_mask), and it is filled from their pixels; but nobody grows into the place of what stood beside them:
 * no hair and no sleeve is copied there, and of a thing that only touched it no second one. What lies on a person (a tie, a
 * badge) leaves its place to the person, and what lies on a thing to the thing.
 */
import { complete, completionFrom } from '../draft/complete.js';
import { sourcesOf } from '../draft/sources.js';
import { heirsOf } from '../masks/distance.js';
import { MAX_LABELS } from '../masks/labelMap.js';
import {
  areaOf,
  type Box,
  boundsOf,
  emptyMask,
  grownBox,
  intersect,
  maskOf,
  subtract,
} from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import type { DraftPicture } from './kind.js';

/** As segmentation calls them. */
const PERSON = /\bperson\b/;
/** A place lies on a person who makes up so much of its rim. */
const AROUND = 0.75;
/** A thing that makes up less of it only touches it. */
const TOUCHES = 1 / 3;
/** Of the picture's edges a ground has more than this share. */
const REACHES = 1 / 5;

/**
 * The picture with the place filled, and everybody's pixels afterwards.
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
  const beside = besidesOf(before, place, lifted);
  if (beside.length > 0) {
    const sources = sourcesOf(labels, place, [...lifted, ...beside]);
    const completion = completionFrom(picture, place, sources);
    if (completion) {
      const filled = besidesFilled(completion({ seed }), before, place, { beside, seed });
      return { picture: filled, labels: without(beside, before, planned, place, lifted) };
    }
  }
  const sources = sourcesOf(labels, place, lifted);
  return { picture: complete(picture, place, sources, { seed }), labels: planned };
}

/** What the place took of those beside it, a fringe or a shadow that fell on them, comes back from their own pixels. */
function besidesFilled(
  filled: Raster,
  { labels }: DraftPicture,
  place: Mask,
  { beside, seed }: { beside: readonly number[]; seed: number },
): Raster {
  return beside.reduce((picture, item) => {
    const its = maskOf(labels, item);
    const taken = intersect(its, place);
    if (areaOf(taken) === 0) return picture;
    return completionFrom(picture, taken, subtract(its, place))?.({ seed }) ?? picture;
  }, filled);
}

/** The pixels that a thing's shadow may fall on: those of the items that get its place. */
export const groundOf = (before: DraftPicture, place: Mask, lifted: readonly number[]): Mask =>
  sourcesOf(before.labels, place, [...lifted, ...besidesOf(before, place, lifted)]);

/** The people and things that only stand beside the place. */
function besidesOf({ labels, items }: DraftPicture, place: Mask, lifted: readonly number[]): number[] {
  const bounds = boundsOf(place);
  if (!bounds) return [];
  const rim = rimOf(labels, place, grownBox(bounds, 1, labels));
  for (const item of lifted) rim[item] = 0;
  const whole = rim.reduce((sum, count) => sum + count, 0);
  const isGround = groundsOf(labels);
  const beside = items.flatMap(({ name }, item) => {
    if (rim[item] === 0) return [];
    const most = PERSON.test(name) ? AROUND : isGround(item) ? 0 : TOUCHES;
    return rim[item]! < most * whole ? [item] : [];
  });
  // where nothing else is around, they are the ground
  return beside.reduce((sum, item) => sum + rim[item]!, 0) < whole ? beside : [];
}

/** Grounds go on behind things: they reach along much of the picture's edges, or from one edge to the opposite one. */
function groundsOf({ width, height, data }: LabelMap): (item: number) => boolean {
  const [left, right, top, bottom] = Array.from({ length: 4 }, () => new Uint32Array(256)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (let x = 0; x < width; x++) {
    top[data[x]!]!++;
    bottom[data[(height - 1) * width + x]!]!++;
  }
  for (let y = 0; y < height; y++) {
    left[data[y * width]!]!++;
    right[data[(y + 1) * width - 1]!]!++;
  }
  const most = REACHES * 2 * (width + height);
  return (item) => {
    const [l, r, t, b] = [left[item]!, right[item]!, top[item]!, bottom[item]!];
    return l + r + t + b >= most || (l > 0 && r > 0) || (t > 0 && b > 0);
  };
}

/** How many pixels next to the place each item has. */
function rimOf({ width, height, data }: LabelMap, place: Mask, { left, top, ...size }: Box): Uint32Array {
  const rim = new Uint32Array(256);
  for (let y = top; y < top + size.height; y++) {
    for (let x = left; x < left + size.width; x++) {
      const i = y * width + x;
      if (place.data[i]) continue;
      const touches =
        (x > 0 && place.data[i - 1]) ||
        (x + 1 < width && place.data[i + 1]) ||
        (y > 0 && place.data[i - width]) ||
        (y + 1 < height && place.data[i + width]);
      if (touches) rim[data[i]!]!++;
    }
  }
  return rim;
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
  for (let i = 0; i < before.length; i++) {
    if (after[i] !== before[i]) given.data[i] = gets[after[i]!]!;
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
