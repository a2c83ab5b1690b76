import type { LabPicture } from '../lab.js';

/** The picture blurred: two means over 2 · radius + 1 pixels each way, at its rim over those that there are. */
export function blurred({ width, height, data }: LabPicture, radius: number): LabPicture {
  const sums = Float64Array.from(data);
  const weights = new Float64Array(width * height).fill(1);
  for (let pass = 0; pass < 2; pass++) {
    boxPass(sums, 3, width, height, radius);
    boxPass(weights, 1, width, height, radius);
  }
  return { width, height, data: Float32Array.from(sums, (sum, k) => sum / weights[Math.floor(k / 3)]!) };
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
