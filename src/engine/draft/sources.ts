/** What a hole may be filled from. */
import { cropLabels } from '../compositing/resize.js';
import { heirsOf } from '../masks/distance.js';
import { MAX_LABELS, nothingLeft } from '../masks/labelMap.js';
import { type Box, boundsOf, emptyMask, requireSameSize } from '../masks/mask.js';
import { eachRun } from '../masks/runs.js';
import type { LabelMap, Mask } from '../raster.js';

/** Who inherits is told from so many rows and columns of the hole at most. */
const SIDE = 256;

/**
 * Where the hole may be filled from: the pixels of the items that inherit it under D-Edit's nearest re-partition
 * (arXiv 2403.04880, process_remain_mask), never those of the items that left.
 *
 * @param labels every pixel's item before the edit
 * @param gone items whose pixels are never copied
 * @throws UserError when no other item is left
 */
export function sourcesOf(labels: LabelMap, hole: Mask, gone: readonly number[] = []): Mask {
  requireSameSize(labels, hole);
  const stays = new Uint8Array(MAX_LABELS).fill(1);
  for (const item of gone) stays[item] = 0;
  const sources = emptyMask(labels.width, labels.height);
  const bounds = boundsOf(hole);
  if (!bounds) return sources;
  const inherits = inheriting(labels, hole, bounds, stays);
  const free = sources.data;
  eachRun(labels.data, (label, from, to) => inherits[label] && free.fill(1, from, to));
  eachRun(hole.data, (isHole, from, to) => isHole && free.fill(0, from, to));
  return sources;
}

/** 1 for each label that inherits something of the hole, by as many of its pixels as tell. */
function inheriting(labels: LabelMap, hole: Mask, { width, height }: Box, stays: Uint8Array): Uint8Array {
  for (let step = Math.ceil(Math.max(width, height) / SIDE); ; step >>= 1) {
    const place = thinned(hole, step);
    const heirs = heirsOf(thinned(labels, step), place, stays, place);
    if (!heirs && step > 1) continue; // too few pixels to tell
    if (!heirs) throw nothingLeft();
    const inherits = new Uint8Array(MAX_LABELS);
    const wanted = cropLabels(place, heirs.box).data;
    for (let i = 0; i < wanted.length; i++) if (wanted[i]) inherits[heirs.labels[i]!] = 1;
    return inherits;
  }
}

/** Every so many-th pixel of every so many-th row. */
function thinned<T extends Mask | LabelMap>(map: T, step: number): T {
  if (step === 1) return map;
  const first = step >> 1;
  const [width, height] = [map.width, map.height].map(
    (side) => Math.floor((side - 1 - first) / step) + 1,
  ) as [number, number];
  const data = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    let at = (first + y * step) * map.width + first;
    for (const end = i + width; i < end; i++, at += step) data[i] = map.data[at]!;
  }
  return { ...map, width, height, data };
}
