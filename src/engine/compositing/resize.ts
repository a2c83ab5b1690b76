import sharp from 'sharp';
import type { Box } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';

/** The picture at another size (Lanczos, a = 3, as sharp does it); sides are stretched independently. */
export async function resizeRaster(picture: Raster, width: number, height: number): Promise<Raster> {
  if (width === picture.width && height === picture.height) return picture;
  const raw = { width: picture.width, height: picture.height, channels: 3 } as const;
  const data = await sharp(picture.data, { raw, limitInputPixels: false })
    .resize(width, height, { fit: 'fill', kernel: 'lanczos3' })
    .raw()
    .toBuffer();
  return { width, height, data };
}

/** The pixels of a box inside the picture. */
export function cropRaster(picture: Raster, box: Box): Raster {
  return cropPixels(picture, box, 3);
}

/** The part of a mask or label map inside a box. */
export function cropLabels<T extends Mask | LabelMap>(labels: T, box: Box): T {
  return cropPixels(labels, box, 1) as T;
}

/** A mask or label map at another size: each pixel has the label at its middle. */
export function sampleLabels<T extends Mask | LabelMap>(
  labels: T,
  { width, height }: { readonly width: number; readonly height: number },
): T {
  const data = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * labels.height) / height) * labels.width;
    for (let x = 0; x < width; x++, i++)
      data[i] = labels.data[row + Math.floor(((x + 0.5) * labels.width) / width)]!;
  }
  return { ...labels, width, height, data };
}

function cropPixels(from: Raster, box: Box, channels: number): Raster {
  if (
    box.left < 0 ||
    box.top < 0 ||
    box.left + box.width > from.width ||
    box.top + box.height > from.height
  ) {
    throw new RangeError(`a box outside the ${from.width}x${from.height} picture: ${JSON.stringify(box)}`);
  }
  const data = new Uint8Array(box.width * box.height * channels);
  for (let y = 0; y < box.height; y++) {
    const start = ((box.top + y) * from.width + box.left) * channels;
    data.set(from.data.subarray(start, start + box.width * channels), y * box.width * channels);
  }
  return { width: box.width, height: box.height, data };
}
