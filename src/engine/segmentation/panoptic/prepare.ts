import sharp from 'sharp';
import type { Raster } from '../../raster.js';
import type { Tensor } from '../../runtime/session.js';
import type { PanopticProcessor } from './files.js';

type Size = Pick<Raster, 'width' | 'height'>;

/**
 * DETR learned from shorter sides of 480 to 800 pixels (arXiv 2005.12872, section 4). A hundred masks of 1066x800 take
 * 11 GB, of 640x480 4.3 (random weights of DETR's real size); outlines are found again in the picture's own pixels.
 */
const [SHORTEST, LONGEST] = [480, 800];

/** The same, for pictures of a size that a machine of today has memory for. */
export const modest = (processor: PanopticProcessor): PanopticProcessor => ({
  ...processor,
  shortest: Math.min(SHORTEST, processor.shortest),
  longest: Math.min(LONGEST, processor.longest),
});

/** The size at which a model sees a picture (transformers' get_size_with_aspect_ratio, then size_divisor). */
export function seenSize({ width, height }: Size, { shortest, longest, multiple }: PanopticProcessor): Size {
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  // a long strip keeps within the longest edge
  const capped = (long / short) * shortest > longest ? (longest * short) / long : shortest;
  const least = Math.round(capped);
  const other = Math.trunc((capped * long) / short);
  const side = (length: number): number => Math.max(1, Math.ceil(length / multiple)) * multiple;
  return width < height
    ? { width: side(least), height: side(other) }
    : { width: side(other), height: side(least) };
}

/** [1, 3, h, w], normalised. */
export async function prepared(picture: Raster, processor: PanopticProcessor): Promise<Tensor> {
  const { width, height } = seenSize(picture, processor);
  const { mean, std } = processor;
  const raw = { width: picture.width, height: picture.height, channels: 3 } as const;
  const rgb = await sharp(picture.data, { raw, limitInputPixels: false })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
  const area = width * height;
  const data = new Float32Array(3 * area);
  for (let c = 0; c < 3; c++)
    for (let i = 0; i < area; i++) data[c * area + i] = (rgb[i * 3 + c]! / 255 - mean[c]!) / std[c]!;
  return { shape: [1, 3, height, width], data };
}
