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

/** Three box blurs along both directions of [height * width * channels], in place; beyond the rim lies nothing. */
export function blurChannels(
  values: Float32Array,
  width: number,
  height: number,
  sigma: number,
  channels = 4,
): void {
  // three boxes of 2r + 1 have the variance r(r + 1)
  const radius = Math.max(1, Math.round((Math.sqrt(1 + 4 * sigma * sigma) - 1) / 2));
  for (let pass = 0; pass < 3; pass++) {
    slideAcross(values, width, height, radius, channels);
    slideDown(values, width * channels, height, radius);
  }
}

/** Means over 2 · radius + 1 neighbours of a row. */
function slideAcross(
  values: Float32Array,
  width: number,
  height: number,
  radius: number,
  channels: number,
): void {
  const line = new Float64Array(width);
  const span = 2 * radius + 1;
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) {
      const start = y * width * channels + c;
      let sum = 0;
      for (let x = 0; x < width; x++) line[x] = values[start + x * channels]!;
      for (let x = 0; x < Math.min(radius, width); x++) sum += line[x]!;
      for (let x = 0; x < width; x++) {
        if (x + radius < width) sum += line[x + radius]!;
        if (x - radius - 1 >= 0) sum -= line[x - radius - 1]!;
        values[start + x * channels] = sum / span;
      }
    }
  }
}

/** The same down all columns at once, row by row: memory is read in its order. */
function slideDown(values: Float32Array, row: number, height: number, radius: number): void {
  const span = 2 * radius + 1;
  const sums = new Float64Array(row);
  const kept = new Float32Array((radius + 1) * row); // the last rows as they were
  for (let y = -radius; y < height; y++) {
    const entering = (y + radius) * row;
    if (y + radius < height) for (let k = 0; k < row; k++) sums[k]! += values[entering + k]!;
    if (y < 0) continue;
    const slot = (y % (radius + 1)) * row;
    const at = y * row;
    if (y > radius) for (let k = 0; k < row; k++) sums[k]! -= kept[slot + k]!;
    for (let k = 0; k < row; k++) {
      kept[slot + k] = values[at + k]!;
      values[at + k] = sums[k]! / span;
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
