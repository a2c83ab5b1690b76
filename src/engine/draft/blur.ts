/** A Gaussian blur that sees only some of the pixels: nothing of an item bleeds into its blurred ground. */
import type { Raster } from '../raster.js';

/** Blurs wider than this are computed on a smaller picture, where they are this wide at most. */
const WIDEST = 4;

/**
 * Normalised convolution (H. Knutsson, C.-F. Westin, CVPR 1993): blur(weights · picture) / blur(weights), by three box
 * blurs.
 *
 * @param weights 0–255 a pixel
 * @param sigma in pixels
 * @returns [height * width * 3]; where no weight is near, the picture itself
 */
export function blurUnder(picture: Raster, weights: Uint8Array, sigma: number): Uint8Array {
  const step = Math.max(1, Math.floor(sigma / WIDEST));
  const width = Math.ceil(picture.width / step);
  const height = Math.ceil(picture.height / step);
  const four = new Float32Array(width * height * 4);
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const i = y * picture.width + x;
      const weight = weights[i]! / 255;
      if (weight === 0) continue;
      const j = (Math.floor(y / step) * width + Math.floor(x / step)) * 4;
      for (let c = 0; c < 3; c++) four[j + c]! += weight * picture.data[i * 3 + c]!;
      four[j + 3]! += weight;
    }
  }
  blurChannels(four, width, height, sigma / step);
  return enlarged(four, width, height, step, picture);
}

/** Three box blurs along both directions of [height * width * 4], in place; beyond the rim lies nothing. */
export function blurChannels(four: Float32Array, width: number, height: number, sigma: number): void {
  // three boxes of 2r + 1 have the variance r(r + 1)
  const radius = Math.max(1, Math.round((Math.sqrt(1 + 4 * sigma * sigma) - 1) / 2));
  for (let pass = 0; pass < 3; pass++) {
    slide(four, width, height, radius, 4, width * 4);
    slide(four, height, width, radius, width * 4, 4);
  }
}

/** Means over 2 · radius + 1 neighbours along one direction. */
function slide(
  four: Float32Array,
  length: number,
  lines: number,
  radius: number,
  along: number,
  across: number,
): void {
  const line = new Float64Array(length);
  const span = 2 * radius + 1;
  for (let k = 0; k < lines; k++) {
    for (let c = 0; c < 4; c++) {
      const start = k * across + c;
      let sum = 0;
      for (let x = 0; x < length; x++) line[x] = four[start + x * along]!;
      for (let x = 0; x < Math.min(radius, length); x++) sum += line[x]!;
      for (let x = 0; x < length; x++) {
        if (x + radius < length) sum += line[x + radius]!;
        if (x - radius - 1 >= 0) sum -= line[x - radius - 1]!;
        four[start + x * along] = sum / span;
      }
    }
  }
}

/** Back at the picture's size, between the small pixels' centres. */
function enlarged(
  four: Float32Array,
  width: number,
  height: number,
  step: number,
  picture: Raster,
): Uint8Array {
  const out = new Uint8Array(picture.data);
  for (let y = 0; y < picture.height; y++) {
    const fy = Math.min(height - 1, Math.max(0, (y + 0.5) / step - 0.5));
    const y0 = Math.floor(fy);
    const y1 = Math.min(height - 1, y0 + 1);
    for (let x = 0; x < picture.width; x++) {
      const fx = Math.min(width - 1, Math.max(0, (x + 0.5) / step - 0.5));
      const x0 = Math.floor(fx);
      const x1 = Math.min(width - 1, x0 + 1);
      const a = (y0 * width + x0) * 4;
      const b = (y0 * width + x1) * 4;
      const c = (y1 * width + x0) * 4;
      const d = (y1 * width + x1) * 4;
      const right = fx - x0;
      const down = fy - y0;
      const mix = (k: number): number =>
        (1 - down) * ((1 - right) * four[a + k]! + right * four[b + k]!) +
        down * ((1 - right) * four[c + k]! + right * four[d + k]!);
      const weight = mix(3);
      if (weight < 1e-4) continue;
      for (let k = 0; k < 3; k++) out[(y * picture.width + x) * 3 + k] = Math.round(mix(k) / weight);
    }
  }
  return out;
}
