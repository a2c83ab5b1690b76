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

/** What is drawn with fewer latent cells across is a smear: around a small change less is shown of its surroundings. */
const LEAST_CELLS = 12;
/** …and it is enlarged for the model, by so much at most: surroundings made softer tell less of what is to match them. */
const ENLARGED = 2;

/**
 * The surroundings of a change: twice its size, less where the model's picture has too few cells for both. People know
 * the enlarging as inpainting "only masked".
 */
export function editBox({ nativeSide, factor }: Pipeline, picture: Raster, region: Mask): Box {
  const context = Math.min(1, nativeSide / factor / LEAST_CELLS - 1);
  const least = nativeSide / ENLARGED / Math.min(picture.width, picture.height);
  return cropBox(region, picture, { context, minFraction: Math.min(1, least) });
}

export const wholeOf = ({ width, height }: Size): Box => ({ left: 0, top: 0, width, height });
