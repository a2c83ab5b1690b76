/** Whole label maps: counting, re-partition, renumbering. */
import { UserError } from '../errors.js';
import type { LabelMap, Mask } from '../raster.js';
import { nearestLabel } from './distance.js';
import { invert, maskOf, requireSameSize } from './mask.js';
import { eachRun } from './runs.js';

/** Labels are bytes. */
export const MAX_LABELS = 256;

/** The pixels each label has: `areas[label]`, up to the highest label in use. */
export function areasOf(labels: LabelMap): number[] {
  const counts = new Uint32Array(MAX_LABELS);
  eachRun(labels.data, (label, from, to) => (counts[label]! += to - from));
  let used = MAX_LABELS;
  while (used > 0 && counts[used - 1] === 0) used--;
  return [...counts.subarray(0, used)];
}

/** Throws unless the item has pixels. Messages count items from 1, as people see them. */
export function requireItem(labels: LabelMap, item: number): void {
  const areas = areasOf(labels);
  if ((areas[item] ?? 0) > 0) return;
  const known = areas.flatMap((area, label) => (area > 0 ? [label + 1] : []));
  throw new UserError(`there is no item ${item + 1}: choose one of ${known.join(', ')}`);
}

/** The label of one more item. @throws UserError where the picture has as many as it can */
export function nextLabel(labels: LabelMap): number {
  const { length } = areasOf(labels);
  if (length < MAX_LABELS) return length;
  throw new UserError('the picture has as many items as it can: merge some first');
}

/**
 * Gives every orphan pixel to the item of the nearest pixel that is not an orphan, as D-Edit's process_remain_mask
 * does after an item is removed or moved. Orphans are a mask, or all pixels of one item.
 */
export function repartition(labels: LabelMap, orphans: Mask | number): LabelMap {
  const known = invert(typeof orphans === 'number' ? maskOf(labels, orphans) : orphans);
  requireSameSize(labels, known);
  if (!known.data.includes(1)) throw nothingLeft();
  return nearestLabel(labels, known);
}

export const nothingLeft = (): UserError =>
  new UserError('nothing would be left to fill the picture with: keep at least one other item');

/** Drops empty labels and keeps the order of the others; `map` says old -> new. */
export function renumber(labels: LabelMap): { labels: LabelMap; map: Map<number, number> } {
  const map = new Map<number, number>();
  areasOf(labels).forEach((area, label) => {
    if (area > 0) map.set(label, map.size);
  });
  const table = new Uint8Array(MAX_LABELS);
  for (const [from, to] of map) table[from] = to;
  const data = new Uint8Array(labels.data);
  if ([...map].some(([from, to]) => from !== to)) {
    for (let i = 0; i < data.length; i++) data[i] = table[data[i]!]!;
  }
  return { labels: { ...labels, data }, map };
}
