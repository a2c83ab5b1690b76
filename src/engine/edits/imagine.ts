import type { LabelMap } from '../raster.js';
import { type CutPicture, type EditKind, GROUND, type Item, type ItemSource, named } from './kind.js';
import { extended } from './prompts.js';
import { boundsIn, broughtItem, fittedMask, pictureOf } from './source.js';

/** A picture of its own, of items (of this picture, or of references) and words. */
export interface Imagine {
  readonly kind: 'imagine';
  /** At least one. */
  readonly of: readonly ItemSource[];
  /** Where they are and what they do; may be empty. */
  readonly words: string;
}

export const imagine: EditKind<Imagine> = {
  kind: 'imagine',
  needs: 'learning',
  // with a new ground, which none of the items has been
  itemsAfter: (items, edit) => {
    if (!asSentence(edit)) return undefined;
    const [first] = edit.of;
    return first!.picture === undefined ? [items[first!.item]!] : [];
  },
  withItems: (edit, now) => ({
    ...edit,
    of: edit.of.map((source) => (source.picture === undefined ? { item: now(source.item) } : source)),
  }),
  sources: ({ of }) => of,
};

/** More items than this stand in two rows. */
const A_ROW = 4;
/** Of its column and of the picture's height, what an item takes in one row and in two; and where the rows' feet are. */
const WIDE = 0.8;
const ONE_ROW = { high: 0.6, feet: [0.8] } as const;
const TWO_ROWS = { high: 0.38, feet: [0.46, 0.92] } as const;
/** Words that say where things are: of these the ground alone is told. */
const PLACE =
  /^(?:on|in|at|under|over|near|by|behind|above|below|inside|outside|underwater|among|between|before|in front of)\b/i;
/** "in the style of Klimt", "in watercolour", "in a red hat": how they are. */
const MANNER =
  /^in (?:.*\bstyle\b|(?:water)?colou?rs?\b|(?:oil|ink|pencil|charcoal|chalk|pastel|crayon|black and white)s?\b|(?:an? )?(?:[a-z]+ )?(?:hat|cap|helmet|coat|jacket|dress|suit|shirt|scarf|costume|uniform|crown|wig|red|blue|green|yellow|purple|orange|pink|black|white|gr[ae]y|brown|gold|silver)s?$)/i;
const isPlace = (words: string): boolean => PLACE.test(words) && !MANNER.test(words);

/** One item that does something is a sentence: what it does is of the whole picture. */
const asSentence = ({ of, words }: Imagine): boolean => of.length === 1 && words !== '' && !isPlace(words);

/**
 * What a new picture is drawn by. One item that does something is a sentence that all of the picture listens to, as in D-Edit.
 * Several, and one that is somewhere, stand side by side in their own outlines, so that each listens to its own prompt; the
 * ground listens to the words, or to the ground of a picture where that is among them.
 * @param size of the new picture
 * @throws UserError when there is no such item
 */
export function imaginedPlan<P extends CutPicture>(
  before: P & { readonly references?: Readonly<Record<string, P>> | undefined },
  edit: Imagine,
  size: { readonly width: number; readonly height: number },
): { readonly labels: LabelMap; readonly items: readonly Item[] } {
  const { of, words } = edit;
  const labels = { ...size, data: new Uint8Array(size.width * size.height) };
  const brought = of.map((source) => {
    const from = pictureOf<P>(before, source);
    return { from, source, item: broughtItem(from, source) };
  });
  if (asSentence(edit)) {
    const { name, prompt } = brought[0]!.item;
    return { labels, items: [{ name: named(`${name} ${words}`), prompt: extended(prompt, words) }] };
  }
  const behind = brought.find(({ source }) => source.item === GROUND);
  const standing = brought.filter((one) => one !== behind);
  const { high, feet } = standing.length > A_ROW ? TWO_ROWS : ONE_ROW;
  const columns = Math.ceil(standing.length / feet.length);
  const column = size.width / columns;
  for (const [i, { from, source }] of standing.entries()) {
    const is = boundsIn(from, source);
    const scale = Math.min((WIDE * column) / is.width, (high * size.height) / is.height);
    const foot = feet[Math.floor(i / columns)]! * size.height;
    const centre = { x: ((i % columns) + 0.5) * column, y: foot - (scale * is.height) / 2 };
    const { data } = fittedMask(from, source, { scale, centre }, size);
    for (let k = 0; k < data.length; k++) if (data[k]) labels.data[k] = i + 1;
  }
  const told = words || 'a plain background';
  const ground: Item = behind
    ? { ...behind.item, prompt: words ? extended(behind.item.prompt, words) : behind.item.prompt }
    : { name: named(told), prompt: { kind: 'text', text: told } };
  const things = standing.map(({ item }) =>
    words === '' || isPlace(words) ? item : { ...item, prompt: extended(item.prompt, words) },
  );
  return { labels, items: [ground, ...things] };
}
