import sharp from 'sharp';
import type { ImageProcessor } from '../checkpoint/imageProcessor.js';
import type { Raster } from '../raster.js';

/** A CLIP's picture tower, as far as its input goes. */
export interface Seer {
  readonly vision: { readonly image_size: number };
  readonly processor: ImageProcessor;
}

/** The middle of a picture, as CLIPImageProcessor resizes, crops and normalises it: [3, image_size, image_size]. */
export async function clipPixels({ width, height, data }: Raster, { vision, processor }: Seer) {
  const side = vision.image_size;
  const { mean, std } = processor;
  const rgb = await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: 'cover', kernel: 'cubic' })
    .raw()
    .toBuffer();
  const area = side * side;
  return Float32Array.from({ length: 3 * area }, (_, i) => {
    const c = Math.floor(i / area);
    return (rgb[(i % area) * 3 + c]! / 255 - mean[c]!) / std[c]!;
  });
}
