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
  const columns = new Int32Array(width);
  for (let x = 0; x < width; x++)
    columns[x] = Math.min(small.width - 1, Math.max(0, Math.round((x + 0.5) * sx - 0.5)));
  for (let y = 0, i = 0; y < height; y++) {
    const v = (y + 0.5) * sy - 0.5;
    const row = Math.min(small.height - 1, Math.max(0, Math.round(v))) * small.width;
    for (let x = 0; x < width; x++, i++) {
      const at = row + columns[x]!;
      data[i] =
        near[at]! > 1.5
          ? small.data[at]!
          : likest(small, mean, picture.data, i * 3, at, (x + 0.5) * sx - 0.5, v);
    }
  }
  return smoothBorders({ width, height, data }, Math.max(1, Math.round(0.5 / sx)));
}

const REACH = 2;
/** One working pixel of distance counts as much as this step in sRGB. */
const DISTANCE_WEIGHT = 14;
/** A colour that is further away than this many times the least cost so far costs more, whatever is rounded. */
const SURELY_MORE = 1 + 1e-9;

/** @param own the working pixel that (u, v) lies in */
function likest(
  small: LabelMap,
  mean: Float32Array,
  rgb: Uint8Array,
  at: number,
  own: number,
  u: number,
  v: number,
): number {
  const { width, height } = small;
  const row = Math.round(v);
  const column = Math.round(u);
  const [top, bottom] = [Math.max(0, row - REACH), Math.min(height - 1, row + REACH)];
  const [left, right] = [Math.max(0, column - REACH), Math.min(width - 1, column + REACH)];
  const red = rgb[at]!;
  const green = rgb[at + 1]!;
  const blue = rgb[at + 2]!;
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  // roots take long: what the colour alone makes dearer than the pixel's own place is not asked for its distance
  const ownColour =
    (red - mean[own * 3]!) ** 2 + (green - mean[own * 3 + 1]!) ** 2 + (blue - mean[own * 3 + 2]!) ** 2;
  const x0 = own % width;
  const y0 = (own - x0) / width;
  const ownCost =
    Math.sqrt(ownColour) + DISTANCE_WEIGHT * Math.sqrt((x0 - u) * (x0 - u) + (y0 - v) * (y0 - v));
  let most = ownCost * ownCost * SURELY_MORE;
  for (let y = top; y <= bottom; y++) {
    const down = (y - v) * (y - v);
    for (let x = left, i = y * width + left; x <= right; x++, i++) {
      const dr = red - mean[i * 3]!;
      const dg = green - mean[i * 3 + 1]!;
      const db = blue - mean[i * 3 + 2]!;
      const square = dr * dr + dg * dg + db * db;
      if (square > most) continue;
      // Math.hypot takes ten times as long
      const cost = Math.sqrt(square) + DISTANCE_WEIGHT * Math.sqrt((x - u) * (x - u) + down);
      if (cost < least) {
        least = cost;
        best = small.data[i]!;
        most = Math.min(most, cost * cost * SURELY_MORE);
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
