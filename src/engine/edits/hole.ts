/** What is taken off the picture with items that go. */
import { withClinging } from '../draft/clinging.js';
import { fringeAndShadow } from '../draft/shadow.js';
import { sourcesOf } from '../draft/sources.js';
import { emptyMask, union } from '../masks/mask.js';
import type { Mask } from '../raster.js';
import { groundOf } from './bystanders.js';
import type { DraftPicture } from './kind.js';

/** The places of items that go, with their fringe and shadow. */
export function holeOf(
  before: DraftPicture,
  lifted: readonly number[],
  maskOfItem: (item: number) => Mask,
): Mask {
  const { picture, labels } = before;
  let hole: Mask | undefined;
  for (const item of lifted) {
    const mask = maskOfItem(item);
    if (!mask.data.includes(1)) continue;
    const whole = withClinging(picture, mask, groundOf(before, mask, lifted));
    const one = fringeAndShadow(picture, whole, sourcesOf(labels, whole, lifted));
    hole = hole ? union(hole, one) : one;
  }
  return hole ?? emptyMask(picture.width, picture.height);
}
