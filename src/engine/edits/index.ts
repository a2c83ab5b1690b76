/** What can be asked of a picture: one file a kind, and this table of them. */
import { renumber } from '../masks/labelMap.js';
import type { Mask } from '../raster.js';
import { type Augment, augment } from './augment.js';
import { type Blend, blend } from './blend.js';
import { type Clear, clear } from './clear.js';
import { type Copy, copy, type CopyBeside, copyBeside, type CopyTo, copyTo } from './copy.js';
import { type Crop, crop } from './crop.js';
import { type Imagine, imagine } from './imagine.js';
import type {
  CutPicture,
  DraftPicture,
  EditKind,
  EditPlan,
  Need,
  PictureEditKind,
  PlanOptions,
} from './kind.js';
import { type KeepOnly, keepOnly } from './keepOnly.js';
import { look, type LookEdit } from './look.js';
import { type Mark, mark } from './mark.js';
import { type Merge, merge } from './merge.js';
import { type Move, move, type MoveBeside, moveBeside, type MoveTo, moveTo } from './move.js';
import { type Find, FOUND, type OnFound as OnFoundOf, onFound, withFound } from './onFound.js';
import { order, type Order } from './order.js';
import { put, type Put } from './put.js';
import { type Reconstruct, reconstruct } from './reconstruct.js';
import { type Remove, remove } from './remove.js';
import { type Replace, replace } from './replace.js';
import { replaceWith, type ReplaceWith } from './replaceWith.js';
import { type Free, free } from './free.js';
import { type Grow, grow, type Reshape, reshape } from './reshape.js';
import { type Resize, resize } from './resize.js';
import { type Split, split } from './split.js';
import { type Swap, swap } from './swap.js';
import { type Flip, flip, type Rotate, rotate } from './rotate.js';
import { type TurnPicture, turnPicture } from './turnPicture.js';
import { answered, together, type Together as TogetherOf } from './together.js';

export type { Mark } from './mark.js';
export type { TurnPicture } from './turnPicture.js';
export { cutoutOf } from './arrange.js';
export { type Look, lookOf } from '../draft/lookWords.js';
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

/** One edit of the picture at hand. */
export type SingleEdit =
  | Replace
  | ReplaceWith
  | Put
  | Augment
  | Free
  | Blend
  | Remove
  | Move
  | MoveTo
  | MoveBeside
  | Resize
  | Swap
  | Copy
  | CopyTo
  | CopyBeside
  | Rotate
  | Flip
  | Order
  | KeepOnly
  | Clear
  | LookEdit
  | Crop
  | TurnPicture
  | Reshape
  | Grow
  | Mark
  | Merge
  | Split
  | Reconstruct;

/** Several of them as one. */
export type Together = TogetherOf<SingleEdit>;

/** An edit of the picture at hand. */
export type PictureEdit = SingleEdit | Together;

export type OnFound = OnFoundOf<PictureEdit>;
export { type Imagine, imaginedPlan } from './imagine.js';

/** What can be asked of a picture. Items are 0-based labels; lengths are pixels of the picture. */
export type Edit = PictureEdit | Imagine | OnFound;

/** A kind of edit that has no row here does not compile. */
type Kinds = {
  readonly [K in Edit['kind']]: Extract<Edit, { kind: K }> extends infer E extends Edit
    ? E extends PictureEdit
      ? PictureEditKind<E>
      : EditKind<E>
    : never;
};

export const EDIT_KINDS: Kinds = {
  replace,
  replaceWith,
  put,
  augment,
  free,
  blend,
  remove,
  move,
  moveTo,
  moveBeside,
  resize,
  swap,
  copy,
  copyTo,
  copyBeside,
  rotate,
  flip,
  order,
  keepOnly,
  clear,
  look,
  crop,
  turnPicture,
  reshape,
  grow,
  mark,
  merge,
  split,
  imagine,
  reconstruct,
  together: together<SingleEdit>({
    kindOf: (edit) => singleKindOf(edit),
    needOf: (edit) => needOf(edit),
    isRefinable: (edit) => isRefinable(edit),
  }),
  onFound: onFound<PictureEdit>((edit) => kindOf(edit) as PictureEditKind<PictureEdit>),
};

const singleKindOf = (edit: SingleEdit) => EDIT_KINDS[edit.kind] as PictureEditKind<SingleEdit>;

function kindOf(edit: Edit): EditKind<Edit> {
  return EDIT_KINDS[edit.kind] as EditKind<Edit>;
}

/**
 * @throws UserError when the item is not there or the edit leaves some item without a pixel
 */
export const planEdit = (before: CutPicture, edit: PictureEdit, options: PlanOptions): EditPlan =>
  (kindOf(edit) as PictureEditKind<Edit>).plan(before, edit, options);

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
  return await (kindOf(edit) as PictureEditKind<Edit>).draft?.(before, edit, plan, seed);
}

/** Whether the picture's own pixels answer the edit. */
export const isDrafted = (edit: Pick<Edit, 'kind'>): boolean => 'draft' in EDIT_KINDS[edit.kind];

/** Whether a checkpoint may make something better of the edit's draft. */
export function isRefinable(edit: Edit): boolean {
  const { invents } = kindOf(edit) as Partial<PictureEditKind<Edit>>;
  return typeof invents === 'function' ? invents(edit) : invents === true;
}

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

/** What becomes of a picture's items by an edit that is still to be done: `[i]` is what item i will have
 * been; undefined when only the picture will tell. */
export const itemsAfter = <T>(items: readonly T[], edit: Edit): T[] | undefined =>
  kindOf(edit).itemsAfter(items, edit);

/** Whether the edit puts right what counts as an item, before or while the picture is worked on. */
export function regroups(edit: Edit): boolean {
  const { regroups: does = false } = kindOf(edit);
  return typeof does === 'function' ? does(edit) : does;
}

/** Whether words are to be looked for in the picture before the edit can be planned. */
export const looksFor = (edit: Edit): boolean =>
  edit.kind === 'onFound' || (edit.kind === 'mark' && edit.what.kind === 'words');

/** The edit with the item `from` instead of `to`: what was FOUND has a number now, or the other way. */
export const withItemAs = (edit: PictureEdit, from: number, to: number): PictureEdit =>
  kindOf(edit).withItems(edit, (item) => (item === from ? to : item)) as PictureEdit;

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
export function needOf(edit: Edit): Need {
  const { needs } = kindOf(edit);
  return typeof needs === 'function' ? needs(edit) : needs;
}

/** The items of the picture that an edit names, in its own order. */
export function itemsIn(edit: Edit): number[] {
  const items: number[] = [];
  kindOf(edit).withItems(edit, (item) => {
    items.push(item);
    return item;
  });
  return items;
}

/** The letters of the references that an edit takes something from. */
export const lettersOf = (edit: Edit): string[] => [
  ...new Set((kindOf(edit).sources?.(edit) ?? []).flatMap(({ picture }) => (picture ? [picture] : []))),
];

/**
 * Says an edit of the picture a person sees in the numbers of the picture it will be done on.
 * @param numbers for every item of that later picture its index on the one the person sees
 * @returns undefined when an item it names will be gone by then
 */
export function renumbered(edit: Edit, numbers: readonly number[]): Edit | undefined {
  let gone = false;
  const now = (item: number): number => {
    const index = numbers.indexOf(item);
    gone ||= index < 0;
    return index;
  };
  const there = kindOf(edit).withItems(edit, now);
  return gone ? undefined : there;
}
export { type Find, markFound } from './onFound.js';
export { FOUND };
export { REFERENCE_LETTERS } from './kind.js';
