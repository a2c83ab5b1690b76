import { UserError } from '../errors.js';
import { areaOf, areOneThing, maskOf } from '../masks/mask.js';
import type { Mask } from '../raster.js';
import {
  type DraftPicture,
  type EditKind,
  type Item,
  type ItemSource,
  named,
  type PictureEditKind,
} from './kind.js';
import { mark, type Mark } from './mark.js';
import { merge, type Merge } from './merge.js';

/** Stands in an edit for the item that is still to be found. */
export const FOUND = -1;

/** An edit of something that is no item yet, but named in words. */
export interface OnFound<E> {
  readonly kind: 'onFound';
  readonly words: string;
  /** It becomes part of this item, and no item of its own. */
  readonly into?: number;
  /** What is done then; where it became an item, that is FOUND. */
  readonly then?: E;
}

/** @param kindOf what is known of the edit that is done then */
export const onFound = <E extends { readonly kind: string }>(
  kindOf: (edit: E) => Pick<EditKind<E>, 'withItems'> & { sources?: (edit: E) => readonly ItemSource[] },
): EditKind<OnFound<E>> => ({
  kind: 'onFound',
  needs: 'nothing',
  regroups: ({ then }) => then === undefined,
  // an item that is there already may be meant
  itemsAfter: () => undefined,
  withItems: ({ into, then, ...edit }, now) => ({
    ...edit,
    ...(into === undefined ? {} : { into: now(into) }),
    ...(then && { then: kindOf(then).withItems(then, (item) => (item === FOUND ? FOUND : now(item))) }),
  }),
  sources: ({ then }) => (then && kindOf(then).sources?.(then)) ?? [],
});

/** What words name in a picture, at its size; undefined when there is no such thing. */
export type Find = (words: string) => Promise<Mask | undefined>;

/**
 * What the words name: an item of the picture, or pixels that are to become one.
 * @throws UserError with what is seen instead
 */
async function lookFor(picture: DraftPicture, words: string, find: Find): Promise<number | Mask> {
  const { labels, items } = picture;
  const mask = await find(words);
  if (!mask || areaOf(mask) === 0) throw new UserError(`I see no ${words}: I see ${listed(items)}`);
  const same = items.findIndex((_, item) => areOneThing(maskOf(labels, item), mask));
  return same >= 0 ? same : mask;
}

const listed = (items: readonly Item[]): string => items.map(({ name }, i) => `${i + 1} ${name}`).join(', ');

/** "the hat" as an item of its own. @throws UserError when it is one already, or is not seen */
export async function markFound(
  picture: DraftPicture,
  { words }: Mark['what'] & { kind: 'words' },
  find: Find,
): Promise<Mark> {
  const found = await lookFor(picture, words, find);
  if (typeof found !== 'number') return marking(words, found);
  throw new UserError(
    `that is item ${found + 1} already: say what to change about it, for example "remove ${found + 1}", or "rename ${found + 1} ${words}"`,
  );
}

/** The picture with the found thing as an item, or as part of one. @throws UserError when it is not seen */
export async function withFound<P extends DraftPicture>(
  picture: P,
  { words, into }: Pick<OnFound<unknown>, 'words' | 'into'>,
  find: Find,
): Promise<{ picture: P; item: number }> {
  const found = await lookFor(picture, words, find);
  if (found === into) throw new UserError(`that is item ${into + 1} already`);
  const [marked, item] =
    typeof found === 'number'
      ? [picture, found]
      : [await relabelledBy(picture, mark, marking(words, found)), picture.items.length];
  if (into === undefined) return { picture: marked, item };
  const joining: Merge = { kind: 'merge', items: [into, item] };
  return { picture: await relabelledBy(marked, merge, joining), item };
}

const marking = (words: string, mask: Mask): Mark => ({
  kind: 'mark',
  what: { kind: 'mask', mask },
  name: named(words),
});

/** The picture after an edit that changes no pixel. */
async function relabelledBy<P extends DraftPicture, E extends { readonly kind: string }>(
  picture: P,
  kind: PictureEditKind<E>,
  edit: E,
): Promise<P> {
  const plan = kind.plan(picture, edit, { edge: 0, margin: 0 });
  const { labels, items, layers } = (await kind.draft!(picture, edit, plan, 0))!;
  return { ...picture, labels, items, layers };
}
