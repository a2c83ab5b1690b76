import { cropRaster, resizeRaster } from '../compositing/resize.js';
import { lay } from '../draft/carry.js';
import { complete } from '../draft/complete.js';
import { UserError } from '../errors.js';
import { requireItem } from '../masks/labelMap.js';
import { boundsOf, invert, maskOf, subtract } from '../masks/mask.js';
import { dilate } from '../masks/morphology.js';
import { place } from '../masks/shapes.js';
import { bandOf } from '../draft/edgeBand.js';
import { lookOf } from '../draft/lookWords.js';
import type { LabelMap, Raster } from '../raster.js';
import { arranged } from './arrange.js';
import { cutoutOf } from './cutouts.js';
import {
  type CutPicture,
  type DraftPicture,
  type EditPlan,
  GROUND,
  type ItemSource,
  type PictureEditKind,
  sameItems,
} from './kind.js';
import { look } from './look.js';
import { looking } from './prompts.js';
import { around, reshaped } from './regions.js';
import {
  boundsIn,
  broughtItem,
  checkScale,
  type Fit,
  fittedCutout,
  fittedMask,
  pictureOf,
} from './source.js';

/** An item of a reference picture, or another item of the same one, in the place of an item. */
export interface ReplaceWith {
  readonly kind: 'replaceWith';
  readonly item: number;
  readonly with: ItemSource;
  /** What is different about it: "in red". */
  readonly words?: string;
}

export const replaceWith: PictureEditKind<ReplaceWith> = {
  kind: 'replaceWith',
  needs: ({ words }) => (words && !lookOf(words) ? 'learning' : 'nothing'),
  itemsAfter: sameItems,
  withItems: (edit, now) => ({
    ...edit,
    item: now(edit.item),
    with: edit.with.picture === undefined ? { item: now(edit.with.item) } : edit.with,
  }),
  sources: (edit) => [edit.with],
  plan(before, edit, options) {
    const { labels, items } = before;
    const from = checked(before, edit);
    const brought = broughtItem(from, edit.with);
    const item = edit.words ? { ...brought, prompt: looking(brought.prompt, edit.words) } : brought;
    const changed = { labels, items: items.with(edit.item, item) };
    if (isGround(edit)) return around(maskOf(labels, edit.item), labels, changed.items, options);
    const mask = fittedMask(from, edit.with, fitOf(labels, from, edit), labels);
    return reshaped(changed, place(labels, [{ item: edit.item, mask }]), [edit.item], options);
  },
  // what is no colour and no light is drawn, by its learned prompt and the words at once
  answers: ({ words }) => !words || lookOf(words) !== undefined,
  async draft(before, edit, plan, seed) {
    const { item, words } = edit;
    const there = await brought(before, edit, plan, seed);
    if (!words) return there;
    const looks = { kind: 'look', items: [item], others: false, words } as const;
    return await look.draft!(there, looks, plan, seed);
  },
};

/** The item in its own pixels. */
async function brought(
  before: DraftPicture,
  edit: ReplaceWith,
  plan: EditPlan,
  seed: number,
): Promise<DraftPicture> {
  const from = pictureOf<DraftPicture>(before, edit.with);
  if (isGround(edit)) return await onGround(before, from, plan, seed);
  const cutout = await fittedCutout(from, edit.with, fitOf(before.labels, from, edit));
  return await arranged(before, plan, { lifted: [edit.item], laid: [{ item: edit.item, cutout }], seed });
}

/** Brought things may be so much wider or higher than what they replace, so that they are as large to the eye. */
const ROOM = 1.25;

/** Grounds take the place of grounds, behind everything. */
const isGround = (edit: ReplaceWith): boolean =>
  edit.item === GROUND && edit.with.item === GROUND && edit.with.picture !== undefined;

/** @returns the picture that is taken from */
function checked(before: CutPicture, edit: ReplaceWith): CutPicture {
  requireItem(before.labels, edit.item);
  const from = pictureOf<CutPicture>(before, edit.with);
  if (edit.with.picture === undefined && edit.with.item === edit.item)
    throw new UserError(`item ${edit.item + 1} is there already: name two items`);
  return from;
}

/** As large as what it replaces, its own proportions kept, standing where that stood. */
function fitOf(labels: LabelMap, from: CutPicture, { item, with: source }: ReplaceWith): Fit {
  const was = boundsOf(maskOf(labels, item))!;
  const is = boundsIn(from, source);
  const alike = Math.sqrt((was.width * was.height) / (is.width * is.height));
  const scale = Math.min(alike, (ROOM * was.width) / is.width, (ROOM * was.height) / is.height);
  checkScale(source, is, scale);
  const middle = was.left + (was.width - 1) / 2;
  const foot = was.top + was.height - 0.5;
  return { scale, centre: { x: middle, y: foot - (scale * is.height) / 2 } };
}

/** The whole ground of another picture behind the items of this one. */
async function onGround(
  before: DraftPicture,
  from: DraftPicture,
  plan: EditPlan,
  seed: number,
): Promise<DraftPicture> {
  const { picture, labels, items } = before;
  const ground = maskOf(from.labels, GROUND);
  // what stands on the other ground stays there, with its fringe
  const things = dilate(invert(ground), bandOf(from.picture));
  const bare = things.data.includes(1)
    ? complete(from.picture, things, subtract(ground, things), { seed })
    : from.picture;
  const laid = items.flatMap((_, item) => (item === GROUND ? [] : [cutoutOf(before, item)]));
  return {
    picture: lay(await covering(bare, picture), laid),
    labels,
    items: plan.items,
    layers: before.layers,
  };
}

/** The picture in another size, cut at two sides where its proportions differ. */
async function covering(picture: Raster, { width, height }: Raster): Promise<Raster> {
  const scale = Math.max(width / picture.width, height / picture.height);
  const size = {
    width: Math.max(1, Math.min(picture.width, Math.round(width / scale))),
    height: Math.max(1, Math.min(picture.height, Math.round(height / scale))),
  };
  const left = Math.floor((picture.width - size.width) / 2);
  const top = Math.floor((picture.height - size.height) / 2);
  return await resizeRaster(cropRaster(picture, { ...size, left, top }), width, height);
}
