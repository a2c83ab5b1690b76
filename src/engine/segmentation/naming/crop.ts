import sharp from 'sharp';
import type { ImageProcessor } from '../../checkpoint/imageProcessor.js';
import { areaOf, boundsOf } from '../../masks/mask.js';
import type { Mask, Raster } from '../../raster.js';

/** A crop is so many times as wide as the longer side of the mask's box. */
const ROOM = 1.15;
/** What is seen outside the mask, and past the picture's rim. */
const GREY = 0.5;

/**
 * A cut-out item as a scorer is asked about it (checkpoints/pocket/README.md): a square around its mask, grey outside,
 * [3, side, side], normalised.
 * @param mask not empty
 */
export async function cropOf(
  picture: Raster,
  mask: Mask,
  side: number,
  { mean, std }: ImageProcessor,
): Promise<Float32Array> {
  if (areaOf(mask) === 0) throw new RangeError('an item without pixels cannot be named');
  const { left, top, width, height } = boundsOf(mask)!;
  const square = Math.max(2, Math.round(ROOM * Math.max(width, height)));
  const x0 = Math.round(left + (width - square) / 2);
  const y0 = Math.round(top + (height - square) / 2);
  const rgb = new Uint8Array(square * square * 3).fill(255 * GREY);
  const inside = new Uint8Array(square * square);
  for (let y = Math.max(0, -y0); y < square && y + y0 < picture.height; y++) {
    for (let x = Math.max(0, -x0); x < square && x + x0 < picture.width; x++) {
      const from = (y + y0) * picture.width + x + x0;
      const to = y * square + x;
      rgb.set(picture.data.subarray(from * 3, from * 3 + 3), to * 3);
      inside[to] = mask.data[from]! * 255;
    }
  }
  const resized = async (data: Uint8Array, channels: 1 | 3): Promise<Uint8Array> =>
    await sharp(data, { raw: { width: square, height: square, channels } })
      .resize(side, side, { fit: 'fill', kernel: 'linear' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer();
  const [colours, alphas] = await Promise.all([resized(rgb, 3), resized(inside, 1)]);
  const area = side * side;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const c = Math.floor(i / area);
    const alpha = alphas[i % area]! / 255;
    const value = (colours[(i % area) * 3 + c]! / 255) * alpha + GREY * (1 - alpha);
    return (value - mean[c]!) / std[c]!;
  });
}
