import type { Cutout } from '../draft/cutout.js';
import type { LabelMap, Mask, Raster } from '../raster.js';

/** What an item's pixels listen to. */
export type ItemPrompt =
  | { readonly kind: 'text'; readonly text: string }
  /** The learned tokens of the associated item with this label, and words after them. */
  | { readonly kind: 'learned'; readonly item: number; readonly words?: string }
  /** Between the two in the text encoder's output space: (1 − amount)·from + amount·to. */
  | { readonly kind: 'blend'; readonly from: ItemPrompt; readonly to: ItemPrompt; readonly amount: number };

/** Words as an item's name, which is no longer than this; no character is cut in two. */
export const named = (words: string): string => [...words].slice(0, 40).join('');

export interface Item {
  readonly name: string;
  readonly prompt: ItemPrompt;
}

/** The first item of a cut picture is its ground. */
export const GROUND = 0;

/** What a thread's reference pictures are called, in order; A is the picture that is edited. */
export const REFERENCE_LETTERS: readonly string[] = ['B', 'C', 'D', 'E', 'F', 'G', 'H', 'I'];

/** An item that another place gets something of: of the picture itself, or of the reference with this letter. */
export interface ItemSource {
  readonly picture?: string;
  readonly item: number;
}

/** What an edit is planned on: every pixel's item, and the items. */
export interface CutPicture {
  readonly labels: LabelMap;
  readonly items: readonly Item[];
  /** Other pictures whose items may be used, by letter from B on. */
  readonly references?: Readonly<Record<string, CutPicture>> | undefined;
  /** The whole of items that others partly cover, so that they can be uncovered. */
  readonly layers?: readonly Layer[] | undefined;
}

/** An item that lies partly under others, with all of its pixels. */
export interface Layer {
  readonly item: number;
  readonly cutout: Cutout;
}

/** The layers of all items but these: of theirs nothing is known any more. */
export const layersBut = (items: readonly number[], layers: readonly Layer[] = []): Layer[] =>
  layers.filter(({ item }) => !items.includes(item));

/** What a draft starts from, and what it gives. */
export interface DraftPicture extends CutPicture {
  readonly picture: Raster;
  readonly references?: Readonly<Record<string, DraftPicture>> | undefined;
}

/** An edit worked out: what the picture's items will be and which pixels may change. */
export interface EditPlan {
  /** Every item's pixels afterwards; a removed item's label stays empty. */
  readonly labels: LabelMap;
  readonly items: readonly Item[];
  /** Generated anew. */
  readonly active: Mask;
  /** The band around it: frozen for the first strength·N steps, then free to blend in. */
  readonly soft: Mask;
}

export interface PlanOptions {
  /** Width of the soft band. */
  readonly edge: number;
  /** How far the active region reaches past an item's outline, so that no fringe of the old item stays. */
  readonly margin: number;
}

/** What must be there before an edit can be done. */
export type Need = 'nothing' | 'learning';

/**
 * Everything that is known of one kind of edit; nothing of it is written down elsewhere. Items are 0-based labels,
 * lengths are pixels of the picture.
 */
export interface EditKind<E extends { readonly kind: string }> {
  readonly kind: E['kind'];
  /** What must be there first; a draft that the picture's own pixels answer needs nothing. */
  readonly needs: Need | ((edit: E) => Need);
  /** It puts right what counts as an item: people look items over before they are learned. */
  readonly regroups?: true | ((edit: E) => boolean);
  /**
   * What becomes of the items by an edit that is still to be done: `[i]` is what item i will have been. The engine
   * numbers the items that keep pixels in their old order, so this much is known before it has run; pieces of
   * which only the picture tells the number come last and may be missing. Undefined when only the picture tells which
   * items stay.
   */
  itemsAfter<T>(items: readonly T[], edit: E): T[] | undefined;
  /** The same edit with `now` of each item of the picture that it names. */
  withItems(edit: E, now: (item: number) => number): E;
  /** What it takes from other pictures; edits that take nothing say nothing. */
  sources?(edit: E): readonly ItemSource[];
}

/** An edit of the picture at hand; the others draw one of their own. */
export interface PictureEditKind<E extends { readonly kind: string }> extends EditKind<E> {
  /** @throws UserError when an item is not there or the edit leaves one without a pixel */
  plan(before: CutPicture, edit: E, options: PlanOptions): EditPlan;
  /** Its draft makes up pixels that the picture did not have: a checkpoint that can draw it may refine them. */
  readonly invents?: true | ((edit: E) => boolean);
  /**
   * The answer of the picture's own pixels: at full size, at once, with any checkpoint, before anything is learned.
   * Kinds without one ask the checkpoint, and so do edits that `answers` leaves out.
   * @param plan as `plan` gives it
   * @throws UserError when too little of the picture is left to answer from
   */
  readonly draft?: (before: DraftPicture, edit: E, plan: EditPlan, seed: number) => Promise<DraftPicture>;
  /** Which of its edits `draft` answers; all of them where this says nothing. */
  readonly answers?: (edit: E) => boolean;
}

/** What must be there before this edit of a kind can be done. */
export const neededBy = <E extends { readonly kind: string }>({ needs }: EditKind<E>, edit: E): Need =>
  typeof needs === 'function' ? needs(edit) : needs;

/** Whether the picture's own pixels answer this edit of a kind. */
export const answeredBy = <E extends { readonly kind: string }>(
  kind: EditKind<E> & Pick<Partial<PictureEditKind<E>>, 'draft' | 'answers'>,
  edit: E,
): boolean => kind.draft !== undefined && (kind.answers?.(edit) ?? true);

/** Whether this edit's draft makes up pixels that the picture did not have. */
export const inventedBy = <E extends { readonly kind: string }>(
  kind: EditKind<E> & { readonly invents?: PictureEditKind<E>['invents'] },
  edit: E,
): boolean => (typeof kind.invents === 'function' ? kind.invents(edit) : kind.invents === true);

/** `itemsAfter` of edits after which the items are the same, in the same order. */
export const sameItems = <T>(items: readonly T[]): T[] => [...items];

/** `withItems` of edits that name one item. */
export const withItem = <E extends { readonly item: number }>(edit: E, now: (item: number) => number): E => ({
  ...edit,
  item: now(edit.item),
});

/** Edits that carry one item's own pixels elsewhere; the ground they leave is made up. */
export const CARRIES = {
  needs: 'nothing',
  invents: true,
  itemsAfter: sameItems,
  withItems: withItem,
} as const;

/** `withItems` of edits that name two. */
export const withPair = <E extends { readonly a: number; readonly b: number }>(
  edit: E,
  now: (item: number) => number,
): E => ({ ...edit, a: now(edit.a), b: now(edit.b) });
