import type { LabPicture } from '../lab.js';

/** The picture blurred: two means over 2 · radius + 1 pixels each way, at its rim over those that there are. */
export function blurred({ width, height, data }: LabPicture, radius: number): LabPicture {
  const sums = new Float64Array(data);
  boxPass(sums, 3, width, height, radius);
  boxPass(sums, 3, width, height, radius);
  // how many pixels a sum is of: whole numbers, those of its row times those of its column
  const [across, along] = [width, height].map((length) => {
    const ones = new Float64Array(length).fill(1);
    boxPass(ones, 1, length, 1, radius);
    boxPass(ones, 1, length, 1, radius);
    // a column of one pixel is its own sum
    return ones;
  }) as [Float64Array, Float64Array];
  const mean = new Float32Array(data.length);
  for (let y = 0, k = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const weight = across[x]! * along[y]!;
      for (let c = 0; c < 3; c++, k++) mean[k] = sums[k]! / weight;
    }
  }
  return { width, height, data: mean };
}

/** Sums over 2 · radius + 1 pixels along rows, then along columns, in place: differences of running sums. */
function boxPass(
  values: Float64Array,
  channels: number,
  width: number,
  height: number,
  radius: number,
): void {
  const row = width * channels;
  const running = new Float64Array((height + 1) * row);
  for (let y = 0; y < height; y++) {
    const start = y * row;
    for (let k = 0; k < row; k++) running[k + channels] = running[k]! + values[start + k]!;
    for (let x = 0, k = start; x < width; x++) {
      const to = Math.min(width, x + radius + 1) * channels;
      const from = Math.max(0, x - radius) * channels;
      for (let c = 0; c < channels; c++, k++) values[k] = running[to + c]! - running[from + c]!;
    }
  }
  running.fill(0, 0, row);
  for (let k = 0; k < height * row; k++) running[k + row] = running[k]! + values[k]!;
  for (let y = 0, k = 0; y < height; y++) {
    const to = Math.min(height, y + radius + 1) * row;
    const from = Math.max(0, y - radius) * row;
    for (let j = 0; j < row; j++, k++) values[k] = running[to + j]! - running[from + j]!;
  }
}
