/** Items made visible on the picture itself: a light tint each, and outlines that show on any background. */
import { distanceTo } from '../masks/distance.js';
import { areasOf } from '../masks/labelMap.js';
import type { LabelMap, Raster } from '../raster.js';
import { itemColour } from './palette.js';

/** Tint of an item's inside, and how much more of it near its outline. */
const TINT = 0.14;
const GLOW = 0.4;
/** Lines away from the outline, where the glow is less than a thousandth. */
const FAR = 18;

/** The label map at another size: each pixel takes the label with the most weight among the four around it. */
export function resizeLabels(labels: LabelMap, width: number, height: number): LabelMap {
  if (labels.width === width && labels.height === height) return labels;
  const data = new Uint8Array(width * height);
  const xs = axis(labels.width, width);
  const ys = axis(labels.height, height);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [ys.low[y]!, ys.high[y]!];
    for (let x = 0; x < width; x++) {
      const [left, right] = [xs.low[x]!, xs.high[x]!];
      const a = labels.data[top * labels.width + left]!;
      const b = labels.data[top * labels.width + right]!;
      const c = labels.data[bottom * labels.width + left]!;
      const d = labels.data[bottom * labels.width + right]!;
      if (a === b && a === c && a === d) {
        data[y * width + x] = a;
        continue;
      }
      const [across, down] = [xs.share[x]!, ys.share[y]!];
      const corners = [a, b, c, d];
      const weights = [(1 - across) * (1 - down), across * (1 - down), (1 - across) * down, across * down];
      const total = (label: number) => weights.reduce((sum, w, i) => sum + (corners[i] === label ? w : 0), 0);
      data[y * width + x] = corners.reduce((p, q) => (total(q) > total(p) ? q : p));
    }
  }
  return { width, height, data };
}

/** Draws into `picture`, which has the label map's size. `line` is the width in pixels of the white core. */
export function drawItems(picture: Raster, labels: LabelMap, line: number): void {
  const reach = FAR * line;
  const distance = distanceTo(boundary(labels), reach);
  const near = strokes(line, reach);
  const colours = areasOf(labels).map((_, label) => itemColour(label));
  const tinted = colours.map((colour, label) => tints(colour, TINT * strength(label)));
  const { data } = picture;
  for (let i = 0, k = 0; i < labels.data.length; i++, k += 3) {
    const d = distance[i]!;
    const label = labels.data[i]!;
    if (d >= reach) {
      const table = tinted[label]!;
      data[k] = table[data[k]!]!;
      data[k + 1] = table[256 + data[k + 1]!]!;
      data[k + 2] = table[512 + data[k + 2]!]!;
      continue;
    }
    const square = Math.round(d * d);
    const tint = (TINT + near.glow[square]!) * strength(label);
    const white = near.white[square]!;
    const dark = near.dark[square]!;
    const colour = colours[label]!;
    for (let c = 0; c < 3; c++) {
      let value = data[k + c]!;
      value += tint * (colour[c]! - value);
      if (dark > 0) value += dark * (16 - value);
      if (white > 0) value += white * (255 - value);
      data[k + c] = value;
    }
  }
}

/** The ground is tinted half as much as what stands on it. */
const strength = (label: number): number => (label === 0 ? 0.5 : 1);

/** What each of the 256 values of red, of green and of blue becomes far from all outlines. */
function tints(colour: readonly number[], tint: number): Uint8Array {
  const table = new Uint8Array(3 * 256);
  for (let k = 0; k < table.length; k++) {
    const value = k % 256;
    table[k] = value + tint * (colour[Math.floor(k / 256)]! - value);
  }
  return table;
}

/** Glow, white core and dark rim by the square of the distance, which is a whole number of pixels. */
function strokes(line: number, reach: number): Record<'glow' | 'white' | 'dark', Float64Array> {
  const length = Math.ceil(reach * reach) + 1;
  const [glow, white, dark] = [length, length, length].map((size) => new Float64Array(size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let square = 0; square < length; square++) {
    const d = Math.fround(Math.sqrt(square));
    glow[square] = GLOW * Math.exp(-d / (3 * line));
    white[square] = coverage(line / 2 - d);
    dark[square] = 0.8 * coverage(line * 1.2 - d);
  }
  return { glow, white, dark };
}

/** How much of a pixel lies within an edge that is `inside` pixels beyond its centre. */
function coverage(inside: number): number {
  return Math.min(1, Math.max(0, inside + 0.5));
}

/** Pixels with a right or lower neighbour of another label. */
function boundary(labels: LabelMap): LabelMap {
  const { width, height, data } = labels;
  const edge = new Uint8Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    const below = y + 1 < height ? width : 0;
    for (let x = 0; x < width; x++, i++) {
      const beside = x + 1 < width ? 1 : 0;
      if (data[i] !== data[i + beside] || data[i] !== data[i + below]) edge[i] = 1;
    }
  }
  return { width, height, data: edge };
}

/** For each place of a side of `to` pixels the two next to it on one of `from`, and how far it is from the first one. */
function axis(from: number, to: number): { low: Int32Array; high: Int32Array; share: Float64Array } {
  const [low, high, share] = [new Int32Array(to), new Int32Array(to), new Float64Array(to)];
  for (let i = 0; i < to; i++) {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    low[i] = Math.floor(at);
    high[i] = Math.min(from - 1, low[i]! + 1);
    share[i] = at - low[i]!;
  }
  return { low, high, share };
}
