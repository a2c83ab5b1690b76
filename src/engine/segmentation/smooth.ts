import type { Mask } from '../raster.js';
import type { LabPicture } from './lab.js';

/** The picture blurred inside a mask alone (two box passes each way); outside it is left as it is. */
export function blurWithin(picture: LabPicture, mask: Mask, radius: number): LabPicture {
  const { width, height } = picture;
  const sums = new Float64Array(picture.data.length);
  const weights = Float64Array.from(mask.data);
  for (let i = 0; i < sums.length; i++) sums[i] = mask.data[Math.floor(i / 3)]! * picture.data[i]!;
  for (let pass = 0; pass < 2; pass++) {
    boxPass(sums, 3, width, height, radius);
    boxPass(weights, 1, width, height, radius);
  }
  const data = Float32Array.from(picture.data);
  for (let i = 0; i < weights.length; i++) {
    if (!mask.data[i]) continue;
    for (let c = 0; c < 3; c++) data[i * 3 + c] = sums[i * 3 + c]! / weights[i]!;
  }
  return { width, height, data };
}

/** Sums over 2 · radius + 1 pixels along rows, then along columns, in place. */
function boxPass(
  values: Float64Array,
  channels: number,
  width: number,
  height: number,
  radius: number,
): void {
  const line = new Float64Array(Math.max(width, height) + 1);
  const run = (start: number, length: number, stride: number) => {
    for (let k = 0; k < length; k++) line[k + 1] = line[k]! + values[start + k * stride]!;
    for (let k = 0; k < length; k++) {
      values[start + k * stride] = line[Math.min(length, k + radius + 1)]! - line[Math.max(0, k - radius)]!;
    }
  };
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) run(y * width * channels + c, width, channels);
    for (let x = 0; x < width; x++) run(x * channels + c, height, width * channels);
  }
}
