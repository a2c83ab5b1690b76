/** The table of all kinds of edits: what can be asked of a picture, one file a kind. */
import { type Augment, augment } from './augment.js';
import { type Blend, blend } from './blend.js';
import { type Clear, clear } from './clear.js';
import { type Copy, copy, type CopyBeside, copyBeside, type CopyTo, copyTo } from './copy.js';
import { type Crop, crop } from './crop.js';
import { type Imagine, imagine } from './imagine.js';
import type { EditKind, PictureEditKind } from './kind.js';
import { type KeepOnly, keepOnly } from './keepOnly.js';
import { look, type LookEdit } from './look.js';
import { type Mark, mark } from './mark.js';
import { type Merge, merge } from './merge.js';
import { type Move, move, type MoveBeside, moveBeside, type MoveTo, moveTo } from './move.js';
import { type OnFound as OnFoundOf, onFound } from './onFound.js';
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
import { together, type Together as TogetherOf } from './together.js';

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
  together: together<SingleEdit>((edit) => singleKindOf(edit)),
  onFound: onFound<PictureEdit>((edit) => pictureKindOf(edit)),
};

/** What is known of an edit that may be done together with others. */
export const singleKindOf = (edit: SingleEdit) => EDIT_KINDS[edit.kind] as PictureEditKind<SingleEdit>;

/** What is known of an edit of the picture at hand. */
export const pictureKindOf = (edit: PictureEdit) => EDIT_KINDS[edit.kind] as PictureEditKind<PictureEdit>;

/** What is known of any edit. */
export const kindOf = (edit: Edit) => EDIT_KINDS[edit.kind] as EditKind<Edit>;
