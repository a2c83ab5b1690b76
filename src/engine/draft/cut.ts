/** What is cut out of a picture along its outline, before and after its edges are worked out (`matte.ts`). */
import { cropLabels, cropRaster } from '../compositing/resize.js';
import { UserError } from '../errors.js';
import { type Box, boundsOf, grownBox, requireSameSize } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import type { Cutout } from './cutout.js';
import { bandOf } from './edgeBand.js';

/** With hard edges at first; arrays may be shared by threads. */
export interface Cut {
  readonly box: Box;
  /** Half the width of the band along the outline, in pixels. */
  readonly band: number;
  /** 1 inside, [box.height * box.width]. */
  readonly inside: Uint8Array;
  /** The picture's, [box.height * box.width * 3]; softened in place. */
  readonly colours: Uint8Array;
  /** 0–255; softened in place. */
  readonly alpha: Uint8Array;
}

export const cutoutFrom = ({ box, colours, alpha }: Cut): Cutout => ({
  box,
  foreground: { width: box.width, height: box.height, data: colours },
  alpha,
});

/** @throws UserError when the mask is empty */
export function cutAlong(picture: Raster, mask: Mask): Cut {
  requireSameSize(picture, mask);
  const bounds = boundsOf(mask);
  if (!bounds) throw new UserError('there is nothing to cut out: choose an item that has pixels');
  const band = bandOf(picture);
  const box = grownBox(bounds, band + 1, picture);
  const inside = cropLabels(mask, box).data;
  const alpha = new Uint8Array(inside.length);
  for (let i = 0; i < alpha.length; i++) alpha[i] = inside[i]! * 255;
  return { box, band, inside, colours: cropRaster(picture, box).data, alpha };
}
