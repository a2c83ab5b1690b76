/** What can be asked of a picture, and how it is asked: the face of this folder. */
import { renumber } from '../masks/labelMap.js';
import type { Mask } from '../raster.js';
import {
  answeredBy,
  type CutPicture,
  type DraftPicture,
  type EditPlan,
  inventedBy,
  type Need,
  neededBy,
  type PlanOptions,
} from './kind.js';
import { itemsAfter, renumbered, withItemAs } from './numbers.js';
import { type Find, FOUND, withFound } from './onFound.js';
import {
  type Edit,
  kindOf,
  type OnFound,
  type PictureEdit,
  pictureKindOf,
  singleKindOf,
  type Together,
} from './table.js';
import { answered } from './together.js';

export { LITTLE, type Look, lookOf, LOT } from '../draft/lookWords.js';
export { cutoutOf } from './cutouts.js';
export { type Imagine, imaginedPlan } from './imagine.js';
export { layersBut, REFERENCE_LETTERS } from './kind.js';
export type {
  CutPicture,
  DraftPicture,
  EditPlan,
  Item,
  ItemPrompt,
  ItemSource,
  Layer,
  Need,
  PlanOptions,
} from './kind.js';
export type { Mark } from './mark.js';
export { itemsAfter, itemsIn, lettersOf, renumbered, withItemAs } from './numbers.js';
export { type Find, FOUND, markFound } from './onFound.js';
export {
  type Edit,
  EDIT_KINDS,
  type OnFound,
  type PictureEdit,
  type SingleEdit,
  type Together,
} from './table.js';
export type { TurnPicture } from './turnPicture.js';

/**
 * @throws UserError when the item is not there or the edit leaves some item without a pixel
 */
export const planEdit = (before: CutPicture, edit: PictureEdit, options: PlanOptions): EditPlan =>
  pictureKindOf(edit).plan(before, edit, options);

/** Drops items without pixels; the others keep their order. */
export function tidy<T extends CutPicture>(picture: T): T {
  const { labels, map } = renumber(picture.labels);
  const items = picture.items.filter((_, label) => map.has(label));
  const layers = (picture.layers ?? []).flatMap(({ item, cutout }) =>
    map.has(item) ? [{ item: map.get(item)!, cutout }] : [],
  );
  return { ...picture, labels, items, layers };
}

/**
 * The picture after the edit as its own pixels give it; undefined when the checkpoint has to be asked.
 * @throws UserError when it cannot be done
 */
export async function draftEdit(
  before: DraftPicture,
  edit: PictureEdit,
  plan: EditPlan,
  seed: number,
): Promise<DraftPicture | undefined> {
  return isDrafted(edit) ? await pictureKindOf(edit).draft!(before, edit, plan, seed) : undefined;
}

/** Whether the picture's own pixels answer the edit: no checkpoint is asked. */
export const isDrafted = (edit: Edit): boolean => answeredBy(kindOf(edit), edit);

/** Whether a checkpoint may make something better of the edit's draft. */
export const isRefinable = (edit: Edit): boolean => inventedBy(kindOf(edit), edit);

/**
 * What the picture's own pixels answer of several edits, and where the picture is still to be drawn.
 * @throws UserError when one of them cannot be done
 */
export const answerEach = async (
  before: DraftPicture,
  edit: Together,
  options: PlanOptions,
  seed: number,
): Promise<{ readonly picture: DraftPicture; readonly left: Mask }> =>
  await answered(before, edit, singleKindOf, options, seed);

/** Whether the edit puts right what counts as an item, before or while the picture is worked on. */
export function regroups(edit: Edit): boolean {
  const { regroups: does = false } = kindOf(edit);
  return typeof does === 'function' ? does(edit) : does;
}

/** Whether words are to be looked for in the picture before the edit can be planned. */
export const looksFor = (edit: Edit): boolean =>
  edit.kind === 'onFound' || (edit.kind === 'mark' && edit.what.kind === 'words');

/** Edits that change no pixel, or all of them: nothing can be drawn with them. */
const ALONE: ReadonlySet<Edit['kind']> = new Set([
  ...(['imagine', 'onFound', 'crop', 'turnPicture', 'reconstruct', 'merge', 'split', 'mark'] as const),
]);

/** Whether other items may be drawn anew together with the edit. */
export const goesTogether = (edit: Edit): edit is PictureEdit => !ALONE.has(edit.kind);

/** The edit, while these items are drawn anew with it. */
export function withFree(edit: PictureEdit, items: readonly number[]): Together {
  const edits = edit.kind === 'together' ? edit.edits : [edit];
  const before = edits.flatMap((one) => (one.kind === 'free' ? one.items : []));
  const free = { kind: 'free', items: [...before, ...items] } as const;
  return { kind: 'together', edits: [...edits.filter(({ kind }) => kind !== 'free'), free] };
}

/**
 * The picture with what was looked for, and the edit that is left to do there, if any.
 * @throws UserError when the words name nothing in the picture
 */
export async function afterFinding<P extends DraftPicture>(
  picture: P,
  edit: OnFound,
  find: Find,
): Promise<{ picture: P; edit?: PictureEdit | undefined }> {
  const { into, then } = edit;
  const found = await withFound(picture, edit, find);
  if (into === undefined || !then)
    return { picture: found.picture, edit: then && withItemAs(then, FOUND, found.item) };
  // an item that was found and became part of another one leaves its number to those after it
  const merging = { kind: 'merge', items: [into, found.item] } as const;
  const numbers = itemsAfter([...found.picture.items.keys()], merging)!;
  return { picture: tidy(found.picture), edit: renumbered(then, numbers) as PictureEdit | undefined };
}

/** What must be there before the edit can be done. */
export const needOf = (edit: Edit): Need => neededBy(kindOf(edit), edit);
