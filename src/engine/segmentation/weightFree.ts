/**
 * Segmentation without weights: any picture into a ground and a few items, by what classical vision knows of figure
 * and ground. It stands in where no panoptic model is at hand, and is the default of the pocket checkpoint.
 */
import { areaOf, emptyMask, invert, union } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { findGround, type Ground, groundShare } from './ground.js';
import { type LabPicture, toLab } from './lab.js';
import { nameItems } from './names.js';
import { cutObjects } from './objects.js';
import { outlineClarity } from './outline.js';
import { regionsOf } from './regions.js';
import { blurWithin } from './smooth.js';
import { upsampleLabels } from './upsample.js';

export interface SegmentOptions {
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface Segmentation {
  /** At the picture's size; label k is `items[k]`, 0 the ground. */
  readonly labels: LabelMap;
  readonly items: { readonly name: string }[];
}

/** A ground is clear when most of the rim is ground, and it is neither next to nothing nor everything. */
const CLEAR_RIM = 0.6;
const CLEAR_SHARE = [0.12, 0.985] as const;
/** An object's outline is an edge for the most part; what a threshold cut out of a gradient has none. */
const CLEAR_OUTLINE = 0.62;
/** Where less than this share of what is not ground has an outline, the ground was none. */
const CLEAR_OBJECTS = 0.5;
/** Blur, in working pixels, under which hair and leaves become one colour. */
const CALM = 2;
/** An object this large holds more than one thing people would edit. */
const LARGE_OBJECT = 0.3;

/**
 * Cuts a picture into `minItems` … `maxItems` items (by default 3 … 8): item 0 is the ground, the others follow by
 * falling area. A picture without any structure is cut into plain areas, so that there are always `minItems`.
 */
export function segment(picture: Raster, { minItems = 3, maxItems = 8 }: SegmentOptions = {}): Segmentation {
  const lab = toLab(picture);
  const masks = enough(itemMasks(lab, minItems, maxItems), lab, minItems);
  const small = { width: lab.width, height: lab.height, data: new Uint8Array(lab.width * lab.height) };
  const [ground, ...rest] = masks;
  const ordered = [ground!, ...rest.sort((p, q) => areaOf(q) - areaOf(p))];
  ordered.forEach((mask, label) => {
    for (let i = 0; i < small.data.length; i++) if (mask.data[i]) small.data[i] = label;
  });
  const items = nameItems(ordered, lab).map((name) => ({ name }));
  return { labels: upsampleLabels(small, picture), items };
}

/** Objects on a ground where the picture has one; else its regions. */
function itemMasks(lab: LabPicture, minItems: number, maxItems: number): Mask[] {
  const ground = findGround(lab);
  const share = groundShare(ground);
  if (share > CLEAR_SHARE[1]) return largeRegions(lab, wide(lab), minItems, maxItems); // one texture all over
  const clear = ground.rimShare >= CLEAR_RIM && share >= CLEAR_SHARE[0];
  return (clear && objectsOn(ground, lab, maxItems)) || largeRegions(lab, CALM, minItems, maxItems);
}

/** The ground and the objects on it, or undefined when too few of them have an outline. */
function objectsOn(ground: Ground, lab: LabPicture, maxItems: number): Mask[] | undefined {
  const outside = invert(ground.objects);
  const calm = blurWithin(lab, all(lab), 1);
  const objects = cutObjects(ground.objects, lab).filter(
    (mask) => outlineClarity(mask, outside, calm) >= CLEAR_OUTLINE,
  );
  const area = objects.reduce((sum, mask) => sum + areaOf(mask), 0);
  if (area < CLEAR_OBJECTS * areaOf(ground.objects)) return undefined;
  // What has no outline, and the smallest when there are more objects than items, goes with the ground.
  const kept = objects.slice(0, maxItems - 1);
  const used = kept.reduce(union, emptyMask(lab.width, lab.height));
  return [invert(used), ...kept];
}

/** Regions of the whole picture; the one that has most of the rim is called the ground. */
function largeRegions(lab: LabPicture, blur: number, minItems: number, maxItems: number): Mask[] {
  const whole = all(lab);
  const regions = regionsOf(blurWithin(lab, whole, blur), whole, { min: minItems, max: maxItems });
  const ground = regions.reduce((p, q) => (rimOf(q) > rimOf(p) ? q : p));
  return [ground, ...regions.filter((mask) => mask !== ground)];
}

/** Splits until there are enough: a very large object first, else the ground, whose pieces people edit least. */
function enough(masks: Mask[], lab: LabPicture, minItems: number): Mask[] {
  let items = masks;
  while (items.length < minItems) {
    const largest = items.slice(1).reduce((p, q) => (areaOf(q) > areaOf(p) ? q : p), items[1] ?? items[0]!);
    const chosen = areaOf(largest) > LARGE_OBJECT * largest.data.length ? largest : items[0]!;
    const blur = chosen === items[0] ? wide(lab) : CALM;
    const parts = regionsOf(blurWithin(lab, chosen, blur), chosen, { min: 2, max: 2 });
    if (parts.length < 2) break;
    items = items.flatMap((mask) => (mask === chosen ? [parts[0]!] : [mask]));
    items.push(...parts.slice(1));
  }
  return items;
}

/** A blur under which a texture becomes one colour and only light and large areas remain. */
function wide(lab: LabPicture): number {
  return Math.ceil(Math.max(lab.width, lab.height) / 16);
}

function all({ width, height }: LabPicture): Mask {
  return { width, height, data: new Uint8Array(width * height).fill(1) };
}

function rimOf({ width, height, data }: Mask): number {
  let rim = 0;
  for (let x = 0; x < width; x++) rim += data[x]! + data[(height - 1) * width + x]!;
  for (let y = 0; y < height; y++) rim += data[y * width]! + data[y * width + width - 1]!;
  return rim;
}
