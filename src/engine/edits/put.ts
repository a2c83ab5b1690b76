import { UserError } from '../errors.js';
import { nextLabel, requireItem } from '../masks/labelMap.js';
import { boundsOf, maskOf } from '../masks/mask.js';
import { place } from '../masks/shapes.js';
import type { LabelMap } from '../raster.js';
import { arranged } from './arrange.js';
import type { CutPicture, DraftPicture, ItemSource, PictureEditKind } from './kind.js';
import { sameItems } from './kind.js';
import { GAP, roomier } from './places.js';
import { reshaped } from './regions.js';
import {
  boundsIn,
  broughtItem,
  checkScale,
  type Fit,
  fittedCutout,
  fittedMask,
  middleOf,
  pictureOf,
  sourceName,
} from './source.js';

/** An item of a reference picture is laid on this one, as a new last item. */
export interface Put {
  readonly kind: 'put';
  readonly from: ItemSource & { readonly picture: string };
  /** Where its middle comes to; what is not said is as in the picture it is from, by the foot. */
  readonly x?: number;
  readonly y?: number;
  /** At the foot of this item instead. */
  readonly beside?: { readonly other: number; readonly side?: 'left' | 'right' | 'above' };
}

export const put: PictureEditKind<Put> = {
  kind: 'put',
  needs: 'nothing',
  // what comes is the last item, and none of them has been it
  itemsAfter: sameItems,
  withItems: (edit, now) =>
    edit.beside ? { ...edit, beside: { ...edit.beside, other: now(edit.beside.other) } } : edit,
  sources: ({ from }) => [from],
  plan(before, edit, options) {
    const { labels, items } = before;
    const from = pictureOf<CutPicture>(before, edit.from);
    const item = nextLabel(labels);
    const mask = fittedMask(from, edit.from, fitOf(labels, from, edit), labels);
    const more = { labels, items: [...items, broughtItem(from, edit.from)] };
    return reshaped(more, place(labels, [{ item, mask }]), [item], options);
  },
  async draft(before, edit, plan, seed) {
    const from = pictureOf<DraftPicture>(before, edit.from);
    const cutout = await fittedCutout(from, edit.from, fitOf(before.labels, from, edit));
    return await arranged(before, plan, { lifted: [], laid: [{ item: before.items.length, cutout }], seed });
  },
};

/** A brought thing takes at most this share of a side, so that the picture is still seen. */
const LARGEST = 0.6;

/** It takes the share of the picture that it took of its own. */
function fitOf(labels: LabelMap, from: CutPicture, edit: Put): Fit {
  const { width, height } = labels;
  const is = boundsIn(from, edit.from);
  if (is.width === from.labels.width && is.height === from.labels.height)
    throw new UserError(
      `${sourceName(edit.from)} is all of its picture: name a thing in it, or say "replace 1 with ${sourceName(edit.from)}" for another background`,
    );
  const share = Math.min(width / from.labels.width, height / from.labels.height);
  const scale = Math.min(share, (LARGEST * width) / is.width, (LARGEST * height) / is.height);
  checkScale(edit.from, is, scale);
  const half = { x: (scale * is.width) / 2, y: (scale * is.height) / 2 };
  const there = middleOf(is);
  const foot = is.top + is.height;
  const wanted = edit.beside
    ? besideOf(labels, edit.beside, half)
    : {
        x: edit.x ?? ((there.x + 0.5) / from.labels.width) * width,
        // it stands as high as there: what its picture cut off stays cut off by the rim
        y: edit.y ?? (foot / from.labels.height) * height - half.y,
      };
  // nothing is cut off that was whole
  const within = (at: number, reach: number, side: number): number =>
    Math.min(Math.max(at, reach - 0.5), side - reach - 0.5);
  return { scale, centre: { x: within(wanted.x, half.x, width), y: within(wanted.y, half.y, height) } };
}

function besideOf(
  labels: LabelMap,
  { other, side }: NonNullable<Put['beside']>,
  half: { readonly x: number; readonly y: number },
): { x: number; y: number } {
  requireItem(labels, other);
  const its = boundsOf(maskOf(labels, other))!;
  const gap = labels.width * GAP;
  if (side === 'above') return { x: its.left + its.width / 2, y: its.top - gap - half.y };
  const y = its.top + its.height - half.y;
  return (side ?? roomier(labels, its)) === 'left'
    ? { x: its.left - gap - half.x, y }
    : { x: its.left + its.width + gap + half.x, y };
}
