/** The pixels along an item's outline, found from the outline alone. */
import { within } from '../masks/borders.js';
import { type Box, emptyMask } from '../masks/mask.js';
import type { Mask } from '../raster.js';

export interface EdgeBand {
  /** 1 where the next pixel to the right or below lies on the outline's other side. */
  readonly outline: Uint8Array;
  /** 1 in the band. */
  readonly unsure: Uint8Array;
  readonly radius: number;
}

/** The band's half width for a picture: 2 pixels up to 500, 12 from 3,000 on. */
export function bandOf({ width, height }: { width: number; height: number }): number {
  return Math.round(Math.min(12, Math.max(2, Math.max(width, height) * 0.004)));
}

/** The pixels at most `radius` from the outline's part inside the box; the picture's rim is no outline. */
export function edgeBand({ width, height, data }: Mask, box: Box, radius: number): EdgeBand {
  const outline = emptyMask(width, height);
  const bottom = box.top + box.height;
  const right = box.left + box.width;
  for (let y = box.top; y < bottom; y++) {
    for (let x = box.left; x < right; x++) {
      const i = y * width + x;
      if ((x + 1 < width && data[i] !== data[i + 1]) || (y + 1 < height && data[i] !== data[i + width])) {
        outline.data[i] = 1;
      }
    }
  }
  return { outline: outline.data, unsure: within(outline, radius).data, radius };
}
