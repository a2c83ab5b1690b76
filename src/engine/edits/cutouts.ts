/** Items cut out of the picture, where they are and in a new place. */
import { carry, type Placement } from '../draft/carry.js';
import type { Cutout } from '../draft/cutout.js';
import { matte } from '../draft/matte.js';
import { mattesBeside } from '../draft/threads/mattes.js';
import { centroidOf, maskOf, type Point } from '../masks/mask.js';
import type { Mask } from '../raster.js';
import type { DraftPicture } from './kind.js';

/** All of an item's pixels, those under other items too as far as they are known. */
export const cutoutOf = ({ picture, labels, layers }: DraftPicture, item: number): Cutout =>
  layers?.find((layer) => layer.item === item)?.cutout ?? matte(picture, maskOf(labels, item));

/** The item's cutout in a new place. */
export const carried = async (before: DraftPicture, item: number, placement: Placement): Promise<Cutout> =>
  await placed(cutoutOf(before, item), maskOf(before.labels, item), placement);

/** The cutout with the mask's *centroid* placed, as the plans do it; `carry` places a box's middle. */
export async function placed(cutout: Cutout, mask: Mask, placement: Placement): Promise<Cutout> {
  const { dx = 0, dy = 0, scale, rotate, flip } = placement;
  if (scale === undefined && !rotate && !flip) return await carry(cutout, placement);
  const { box } = cutout;
  const centre = centroidOf(mask)!;
  const from = { x: box.left + box.width / 2 - 0.5 - centre.x, y: box.top + box.height / 2 - 0.5 - centre.y };
  const to = turned(from, placement);
  return await carry(cutout, { ...placement, dx: dx + to.x - from.x, dy: dy + to.y - from.y });
}

function turned({ x, y }: Point, { scale = 1, rotate = 0, flip = false }: Placement): Point {
  const angle = (rotate * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const across = flip ? -x : x;
  return { x: scale * (cos * across - sin * y), y: scale * (sin * across + cos * y) };
}

/** The items' cutouts, as `cutoutOf` makes them, beside the work. */
export function whileCut<T>(
  { picture, layers = [] }: DraftPicture,
  items: readonly number[],
  maskOfItem: (item: number) => Mask,
  work: () => T,
): { cutouts: Map<number, Cutout>; result: T } {
  const known = new Map(layers.map(({ item, cutout }) => [item, cutout]));
  const unknown = [...new Set(items)].filter((item) => !known.has(item));
  const { cutouts, result } = mattesBeside(picture, unknown.map(maskOfItem), work);
  unknown.forEach((item, i) => known.set(item, cutouts[i]!));
  return { cutouts: known, result };
}
