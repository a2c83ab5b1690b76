/** From the working size back to the picture's own pixels. */
import { borderOf, smoothBorders } from '../masks/borders.js';
import { distanceTo } from '../masks/distance.js';
import type { LabelMap, Raster } from '../raster.js';

/**
 * Each pixel takes the label of its working pixel; where another label is near, the label whose working pixels around
 * it look most like it (colour in sRGB, and a little distance), so that borders snap to edges.
 */
export function upsampleLabels(small: LabelMap, picture: Raster): LabelMap {
  const { width, height } = picture;
  if (small.width === width && small.height === height) return small;
  const near = distanceTo(borderOf(small));
  const mean = colourMeans(small, picture);
  const data = new Uint8Array(width * height);
  const sx = small.width / width;
  const sy = small.height / height;
  for (let y = 0; y < height; y++) {
    const v = (y + 0.5) * sy - 0.5;
    const row = Math.min(small.height - 1, Math.max(0, Math.round(v)));
    for (let x = 0; x < width; x++) {
      const u = (x + 0.5) * sx - 0.5;
      const column = Math.min(small.width - 1, Math.max(0, Math.round(u)));
      const at = row * small.width + column;
      data[y * width + x] =
        near[at]! > 1.5 ? small.data[at]! : likest(small, mean, picture.data, (y * width + x) * 3, u, v);
    }
  }
  return smoothBorders({ width, height, data }, Math.max(1, Math.round(0.5 / sx)));
}

const REACH = 2;
/** One working pixel of distance counts as much as this step in sRGB. */
const DISTANCE_WEIGHT = 14;

function likest(
  small: LabelMap,
  mean: Float32Array,
  rgb: Uint8Array,
  at: number,
  u: number,
  v: number,
): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  const row = Math.round(v);
  const column = Math.round(u);
  for (let y = Math.max(0, row - REACH); y <= Math.min(small.height - 1, row + REACH); y++) {
    for (let x = Math.max(0, column - REACH); x <= Math.min(small.width - 1, column + REACH); x++) {
      const i = y * small.width + x;
      const red = rgb[at]! - mean[i * 3]!;
      const green = rgb[at + 1]! - mean[i * 3 + 1]!;
      const blue = rgb[at + 2]! - mean[i * 3 + 2]!;
      // Math.hypot takes ten times as long
      const colour = Math.sqrt(red * red + green * green + blue * blue);
      const cost = colour + DISTANCE_WEIGHT * Math.sqrt((x - u) * (x - u) + (y - v) * (y - v));
      if (cost < least) {
        least = cost;
        best = small.data[i]!;
      }
    }
  }
  return best;
}

/** Each working pixel's colour: the mean of the few picture pixels at its middle. */
function colourMeans(small: LabelMap, picture: Raster): Float32Array {
  const mean = new Float32Array(small.data.length * 3);
  for (let y = 0; y < small.height; y++) {
    const py = Math.min(picture.height - 1, Math.floor(((y + 0.5) * picture.height) / small.height));
    for (let x = 0; x < small.width; x++) {
      const px = Math.min(picture.width - 1, Math.floor(((x + 0.5) * picture.width) / small.width));
      for (let c = 0; c < 3; c++) {
        mean[(y * small.width + x) * 3 + c] = picture.data[(py * picture.width + px) * 3 + c]!;
      }
    }
  }
  return mean;
}
