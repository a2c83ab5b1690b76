/** What of a picture the model gets to see, and at which size. */
import { cropBox } from '../compositing/region.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import type { Box } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';

type Size = Pick<Raster, 'width' | 'height'>;

/** The model's resolution for a box: its aspect ratio, about the checkpoint's own area, sides that divide. */
export function frameOf({ nativeSide, sideMultiple }: Pipeline, { width, height }: Size): Size {
  const scale = nativeSide / Math.sqrt(width * height);
  const side = (length: number): number =>
    Math.max(1, Math.round((length * scale) / sideMultiple)) * sideMultiple;
  return { width: side(width), height: side(height) };
}

/** The surroundings of a change: twice its size, and never so little that it would be enlarged. */
export function editBox({ nativeSide }: Pipeline, picture: Raster, region: Mask): Box {
  const minFraction = Math.min(1, nativeSide / Math.min(picture.width, picture.height));
  return cropBox(region, picture, { context: 1, minFraction });
}

export const wholeOf = ({ width, height }: Size): Box => ({ left: 0, top: 0, width, height });
