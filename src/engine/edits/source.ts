/** Items taken from somewhere else: of another picture, or from another place of the same. */
import { carry } from '../draft/carry.js';
import type { Cutout } from '../draft/cutout.js';
import { UserError } from '../errors.js';
import { areasOf } from '../masks/labelMap.js';
import { areaOf, type Box, boundsOf, emptyMask, maskOf, type Point } from '../masks/mask.js';
import type { Mask } from '../raster.js';
import { cutoutOf } from './cutouts.js';
import type { CutPicture, DraftPicture, Item, ItemSource } from './kind.js';

/** How an item comes into the picture: enlarged so much, the middle of its box at a point of the picture. */
export interface Fit {
  readonly scale: number;
  readonly centre: Point;
}

/** More than so many times as large, a thing is a blur. */
const MOST_ENLARGED = 8;

/** How a person names it: "B2", or "5" in the picture itself. */
export const sourceName = ({ picture = '', item }: ItemSource): string => `${picture}${item + 1}`;

/**
 * The picture that a source is in.
 * @throws UserError when there is no such picture, or no such item in it
 */
export function pictureOf<P extends CutPicture>(
  before: P & { readonly references?: Readonly<Record<string, P>> | undefined },
  source: ItemSource,
): P {
  const { picture: letter, item } = source;
  const from = letter === undefined ? before : before.references?.[letter];
  if (!from) throw new UserError(`there is no reference picture ${letter}: send one first`);
  if (!areasOf(from.labels)[item]) {
    const known = from.items.map((_, i) => sourceName({ ...source, item: i }));
    throw new UserError(`there is no ${sourceName(source)}: choose one of ${known.join(', ')}`);
  }
  return from;
}

export const boundsIn = (from: CutPicture, { item }: ItemSource): Box => boundsOf(maskOf(from.labels, item))!;

/** @throws UserError when little more than a stamp would be blown up */
export function checkScale(source: ItemSource, { width, height }: Box, scale: number): void {
  if (scale <= MOST_ENLARGED) return;
  throw new UserError(
    `${sourceName(source)} is only ${width}x${height} pixels and would have to be ${Math.round(scale)} times as large: send a larger picture of it`,
  );
}

/** The item's mask in its new place, in a picture of this size. */
export function fittedMask(
  from: CutPicture,
  source: ItemSource,
  { scale, centre }: Fit,
  size: { readonly width: number; readonly height: number },
): Mask {
  const mask = maskOf(from.labels, source.item);
  const middle = middleOf(boundsOf(mask)!);
  const placed = emptyMask(size.width, size.height);
  for (let y = 0; y < size.height; y++) {
    const fromY = Math.round(middle.y + (y - centre.y) / scale);
    if (fromY < 0 || fromY >= mask.height) continue;
    for (let x = 0; x < size.width; x++) {
      const fromX = Math.round(middle.x + (x - centre.x) / scale);
      if (fromX < 0 || fromX >= mask.width) continue;
      placed.data[y * size.width + x] = mask.data[fromY * mask.width + fromX]!;
    }
  }
  if (areaOf(placed) === 0) throw new UserError(`${sourceName(source)} would not be seen there`);
  return placed;
}

/** The item's own pixels in their new place. */
export async function fittedCutout(
  from: DraftPicture,
  source: ItemSource,
  { scale, centre }: Fit,
): Promise<Cutout> {
  const cutout = cutoutOf(from, source.item);
  const middle = middleOf(boundsIn(from, source));
  const { box } = cutout;
  // `carry` turns about the middle of the cutout's box, which has a fringe and may be cut off at the rim
  const own = middleOf(box);
  return await carry(cutout, {
    scale,
    dx: centre.x - own.x - scale * (middle.x - own.x),
    dy: centre.y - own.y - scale * (middle.y - own.y),
  });
}

export const middleOf = ({ left, top, width, height }: Box): Point => ({
  x: left + (width - 1) / 2,
  y: top + (height - 1) / 2,
});

/** What the item is called where it comes to: places of the old picture say nothing there. */
export function broughtItem(from: CutPicture, { item }: ItemSource): Item {
  const { name, prompt } = from.items[item]!;
  const plain = name.replace(/^(?:(?:top|bottom|middle|left|right) )+(?=.)/, '');
  return { name: plain, prompt };
}
