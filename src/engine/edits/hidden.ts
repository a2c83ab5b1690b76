/** What lies under what: items that come to light, and items that are hidden from now on. */
import { lay } from '../draft/carry.js';
import { eachCovered, liesOn } from '../draft/cutout.js';
import { areasOf, MAX_LABELS } from '../masks/labelMap.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import type { DraftPicture, Layer } from './kind.js';

/** An item with less of it covered is not worth a layer: fringes overlap everywhere. */
const COVERED = 0.005;

/** Items that lay under what was taken off come to light, within its old place. */
export function uncovered(ground: Raster, hole: Mask, under: readonly Layer[]): Raster {
  const shown = under.filter(({ cutout }) => liesOn(cutout, hole));
  if (shown.length === 0) return ground;
  const all = lay(
    ground,
    shown.map(({ cutout }) => cutout),
  );
  const data = new Uint8Array(ground.data);
  for (let i = 0; i < hole.data.length; i++)
    if (hole.data[i]) for (let c = 0; c < 3; c++) data[i * 3 + c] = all.data[i * 3 + c]!;
  return { ...ground, data };
}

/** The plan's label map, where items come to light or are laid with more of them than could be seen. */
export function relaid(
  before: DraftPicture,
  planned: LabelMap,
  hole: Mask,
  under: readonly Layer[],
  laid: readonly Layer[],
): LabelMap {
  const partly = (item: number): boolean => before.layers?.some((layer) => layer.item === item) ?? false;
  const touched = under.length > 0;
  const anew = laid.filter(({ item }) => touched || partly(item));
  if (!touched && anew.length === 0) return planned;
  const data = new Uint8Array(planned.data);
  const mark = ({ item, cutout }: Layer, where?: Mask): void =>
    eachCovered(cutout, planned, (i) => {
      if (!where || where.data[i]) data[i] = item;
    });
  for (const layer of under) mark(layer, hole);
  for (const layer of anew) mark(layer);
  const areas = areasOf({ ...planned, data });
  // nobody is to lose an item by what came to light
  const lost = areasOf(planned).some((area, label) => area > 0 && !areas[label]);
  return lost ? planned : { ...planned, data };
}

/** Layers of items that stay where they were. */
export const kept = (under: readonly Layer[], laid: readonly Layer[]): Layer[] =>
  under.filter(({ item }) => !laid.some((layer) => layer.item === item));

/** The items that what was laid now covers in part. */
export function hidden(
  before: DraftPicture,
  after: LabelMap,
  lifted: readonly number[],
  laid: readonly { readonly item: number }[],
): number[] {
  if (laid.length === 0) return [];
  const over = new Uint8Array(MAX_LABELS);
  for (const { item } of laid) over[item] = 1;
  const known = new Set((before.layers ?? []).map(({ item }) => item));
  const areas = areasOf(before.labels);
  const lost = new Uint32Array(MAX_LABELS);
  const [old, now] = [before.labels.data, after.data];
  for (let i = 0; i < old.length; i++) if (old[i] !== now[i] && over[now[i]!]) lost[old[i]!]!++;
  return areas.flatMap((area, item) =>
    item > 0 && !lifted.includes(item) && !over[item] && !known.has(item) && lost[item]! > area * COVERED
      ? [item]
      : [],
  );
}
