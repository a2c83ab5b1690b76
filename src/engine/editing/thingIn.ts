import { UserError } from '../errors.js';
import { areaOf, boundsOf, emptyMask, intersect } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { withoutGaps } from './gaps.js';
import { pick } from '../segmentation/select/pick.js';

/** A thing that takes less of its place than this is not told from the ground. */
const LEAST = 0.1;
/** What is drawn is no ground where it is so far from the completed one, of 255, in the colour that differs most. */
const APART = 40;
/** A thing has at least so much of what is no ground: with less a part of it was taken for ground. */
const WHOLE = 0.5;

/**
 * Which pixels of the drawing are the thing and not the ground that was drawn around it; all of the place in doubt.
 * @param ground what is drawn around the thing is near to this
 */
export async function thingIn(
  drawing: Raster,
  labels: LabelMap,
  place: Mask,
  ground?: Raster,
): Promise<Mask> {
  try {
    const cut = intersect(await pick(drawing, labels, { kind: 'box', box: boundsOf(place)! }), place);
    const found = intersect(withoutGaps(cut, drawing, ground), place);
    const apart = ground ? intersect(farApart(drawing, ground), place) : emptyMask(place.width, place.height);
    const isWhole = areaOf(intersect(found, apart)) >= WHOLE * areaOf(apart);
    return isWhole && areaOf(found) >= LEAST * areaOf(place) ? found : place;
  } catch (error) {
    if (error instanceof UserError) return place;
    throw error;
  }
}

function farApart(a: Raster, b: Raster): Mask {
  const apart = emptyMask(a.width, a.height);
  for (let i = 0; i < a.data.length; i++)
    if (Math.abs(a.data[i]! - b.data[i]!) >= APART) apart.data[Math.floor(i / 3)] = 1;
  return apart;
}
