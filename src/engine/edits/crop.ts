import { cropLabels, cropRaster } from '../compositing/resize.js';
import { UserError } from '../errors.js';
import { requireItem } from '../masks/labelMap.js';
import { type Box, boundsOf, grownBox, maskOf, union } from '../masks/mask.js';
import type { LabelMap } from '../raster.js';
import type { PictureEditKind } from './kind.js';
import { relabelled } from './regions.js';

/** The picture becomes the box around these items. */
export interface Crop {
  readonly kind: 'crop';
  readonly items: readonly number[];
}

/** Room around the items, as a share of the box's longer side. */
const ROOM = 0.04;
/** Smaller pictures cannot be worked on. */
const LEAST = 16;

export const crop: PictureEditKind<Crop> = {
  kind: 'crop',
  needs: 'nothing',
  // which other items reach into the box, only the picture tells
  itemsAfter: <T>(): T[] | undefined => undefined,
  withItems: (edit, now) => ({ ...edit, items: edit.items.map(now) }),
  plan: ({ labels, items }, edit) => relabelled(cropLabels(labels, boxOf(labels, edit)), items),
  async draft(before, edit, plan) {
    const box = boxOf(before.labels, edit);
    const layers = (before.layers ?? []).map(({ item, cutout }) => ({
      item,
      cutout: {
        ...cutout,
        box: { ...cutout.box, left: cutout.box.left - box.left, top: cutout.box.top - box.top },
      },
    }));
    return { picture: cropRaster(before.picture, box), labels: plan.labels, items: plan.items, layers };
  },
};

function boxOf(labels: LabelMap, { items }: Crop): Box {
  for (const item of items) requireItem(labels, item);
  const bounds = boundsOf(items.map((i) => maskOf(labels, i)).reduce(union))!;
  const box = grownBox(bounds, Math.round(Math.max(bounds.width, bounds.height) * ROOM), labels);
  if (box.width === labels.width && box.height === labels.height)
    throw new UserError('that reaches to all sides of the picture: there is nothing to cut off');
  if (Math.min(box.width, box.height) < LEAST)
    throw new UserError(`that is smaller than ${LEAST} pixels: crop to a larger item`);
  return box;
}
