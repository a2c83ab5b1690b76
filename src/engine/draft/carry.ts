/** Items in new places: moved, resized, rotated, mirrored, and laid over another ground. */
import sharp from 'sharp';
import { UserError } from '../errors.js';
import { MAX_PIXELS } from '../compositing/decode.js';
import type { Raster } from '../raster.js';
import { type Cutout, eachRow } from './cutout.js';

export interface Placement {
  /** Where the box's middle goes, in pixels, to the right and down; rounded to whole pixels. */
  readonly dx?: number;
  readonly dy?: number;
  /** 1.5 is half as large again on each side. */
  readonly scale?: number;
  /** Degrees, clockwise. */
  readonly rotate?: number;
  /** Left becomes right. */
  readonly flip?: boolean;
}

/**
 * The cutout in its new place, about the middle of its box. A move alone keeps every byte; anything else is resampled
 * (Lanczos for sizes, bicubic for angles), colours weighted by how opaque they are.
 *
 * @throws UserError when nothing or far too much of it would be left
 */
export async function carry(cutout: Cutout, placement: Placement): Promise<Cutout> {
  const { dx = 0, dy = 0, scale = 1, rotate = 0, flip = false } = placement;
  const turned = ((rotate % 360) + 360) % 360;
  const { box } = cutout;
  let { foreground, alpha } = cutout;
  if (scale !== 1 || turned !== 0 || flip) {
    const width = Math.round(box.width * scale);
    const height = Math.round(box.height * scale);
    if (!(width >= 1 && height >= 1)) {
      throw new UserError('so small the item would vanish: choose a larger size');
    }
    if (width * height > MAX_PIXELS) {
      throw new UserError('so large the item would not fit into memory: choose a smaller size');
    }
    ({ foreground, alpha } = await resampled(cutout, width, height, turned, flip));
  }
  const left = Math.round(box.left + (box.width - foreground.width) / 2 + dx);
  const top = Math.round(box.top + (box.height - foreground.height) / 2 + dy);
  return { box: { left, top, width: foreground.width, height: foreground.height }, foreground, alpha };
}

/** The ground with the cutouts over it, from bottom to top; what leaves the picture is cut off. */
export function lay(ground: Raster, cutouts: readonly Cutout[]): Raster {
  const data = new Uint8Array(ground.data);
  for (const { box, foreground, alpha } of cutouts) {
    const over = foreground.data;
    eachRow(box, ground, (from, to, length) => {
      for (let x = 0; x < length;) {
        const a = alpha[from + x]!;
        const start = x++;
        if (a === 0) continue;
        let [j, k] = [(from + start) * 3, (to + start) * 3];
        if (a === 255) {
          while (x < length && alpha[from + x] === 255) x++;
          data.set(over.subarray(j, (from + x) * 3), k);
          continue;
        }
        for (const end = k + 3; k < end; j++, k++)
          data[k] = Math.round(data[k]! + ((over[j]! - data[k]!) * a) / 255);
      }
    });
  }
  return { width: ground.width, height: ground.height, data };
}

async function resampled(
  { foreground, alpha }: Cutout,
  width: number,
  height: number,
  angle: number,
  flip: boolean,
): Promise<{ foreground: Raster; alpha: Uint8Array }> {
  const rgba = new Uint8Array(alpha.length * 4);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) rgba[i * 4 + c] = foreground.data[i * 3 + c]!;
    rgba[i * 4 + 3] = alpha[i]!;
  }
  const raw = { width: foreground.width, height: foreground.height, channels: 4 } as const;
  let image = sharp(rgba, { raw, limitInputPixels: false });
  if (flip) image = image.flop();
  if (width !== foreground.width || height !== foreground.height) {
    image = image.resize(width, height, { fit: 'fill', kernel: 'lanczos3' });
  }
  let out = await image.raw().toBuffer({ resolveWithObject: true });
  if (angle !== 0) {
    const upright = { width: out.info.width, height: out.info.height, channels: 4 } as const;
    out = await sharp(out.data, { raw: upright, limitInputPixels: false })
      .rotate(angle, { background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .raw()
      .toBuffer({ resolveWithObject: true });
  }
  const size = out.info.width * out.info.height;
  const colours = new Uint8Array(size * 3);
  const opacity = new Uint8Array(size);
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < 3; c++) colours[i * 3 + c] = out.data[i * 4 + c]!;
    opacity[i] = out.data[i * 4 + 3]!;
  }
  return {
    foreground: { width: out.info.width, height: out.info.height, data: colours },
    alpha: opacity,
  };
}
