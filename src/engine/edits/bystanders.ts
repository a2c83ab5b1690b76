/**
 * Who only stands beside an emptied place: a person whom it does not lie on, a thing that merely touched it. They do not
 * grow into it, nothing of them is copied there (no hair and no sleeve, of a thing no second one), and what the place took
 * of them, a fringe or a shadow that fell on them, comes back from their own pixels. What lies on a person (a tie, a badge)
 * leaves its place to the person, and what lies on a thing to the thing.
 */
import { sourcesOf } from '../draft/sources.js';
import { MAX_LABELS } from '../masks/labelMap.js';
import { type Box, boundsOf, grownBox } from '../masks/mask.js';
import type { LabelMap, Mask } from '../raster.js';
import type { CutPicture } from './kind.js';

/** As segmentation calls them. */
const PERSON = /\bperson\b/;
/** A place lies on a person who makes up so much of its rim. */
const AROUND = 0.75;
/** A thing that makes up less of it only touches it. */
const TOUCHES = 1 / 3;
/** Of the picture's edges a ground has more than this share. */
const REACHES = 1 / 5;

/** The people and things that only stand beside the place; nobody where there is nothing else around it. */
export function bystandersOf(
  { labels, items }: CutPicture,
  place: Mask,
  lifted: readonly number[],
): number[] {
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

/** The pixels of those that get the place. */
export const groundOf = (before: CutPicture, place: Mask, lifted: readonly number[]): Mask =>
  sourcesOf(before.labels, place, [...lifted, ...bystandersOf(before, place, lifted)]);

/** Grounds go on behind things: they reach along much of the picture's edges, or from one edge to the opposite one. */
function groundsOf({ width, height, data }: LabelMap): (item: number) => boolean {
  const [left, right, top, bottom] = Array.from({ length: 4 }, () => new Uint32Array(MAX_LABELS)) as [
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
  const rim = new Uint32Array(MAX_LABELS);
  const taken = place.data;
  for (let y = top; y < top + size.height; y++) {
    const above = y > 0 ? width : 0;
    const below = y + 1 < height ? width : 0;
    for (let x = left; x < left + size.width; x++) {
      const i = y * width + x;
      if (taken[i]) continue;
      // a pixel outside the place touches none where its own stands for one beyond the picture
      const beside = taken[x > 0 ? i - 1 : i]! | taken[x + 1 < width ? i + 1 : i]!;
      if (beside | taken[i - above]! | taken[i + below]!) rim[data[i]!]!++;
    }
  }
  return rim;
}
