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
    const { low: top, high: bottom, share: down } = ys[y]!;
    for (let x = 0; x < width; x++) {
      const { low: left, high: right, share: across } = xs[x]!;
      const a = labels.data[top * labels.width + left]!;
      const b = labels.data[top * labels.width + right]!;
      const c = labels.data[bottom * labels.width + left]!;
      const d = labels.data[bottom * labels.width + right]!;
      if (a === b && a === c && a === d) {
        data[y * width + x] = a;
        continue;
      }
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
  const distance = distanceTo(boundary(labels));
  const { data } = picture;
  const colours = areasOf(labels).map((_, label) => itemColour(label));
  for (let i = 0; i < labels.data.length; i++) {
    const d = distance[i]!;
    const label = labels.data[i]!;
    const glow = d < FAR * line ? GLOW * Math.exp(-d / (3 * line)) : 0;
    const tint = (TINT + glow) * (label === 0 ? 0.5 : 1);
    const colour = colours[label]!;
    const white = coverage(line / 2 - d);
    const dark = 0.8 * coverage(line * 1.2 - d);
    for (let k = i * 3, c = 0; c < 3; c++, k++) {
      let value = data[k]!;
      value += tint * (colour[c]! - value);
      if (dark > 0) value += dark * (16 - value);
      if (white > 0) value += white * (255 - value);
      data[k] = value;
    }
  }
}

/** How much of a pixel lies within an edge that is `inside` pixels beyond its centre. */
function coverage(inside: number): number {
  return Math.min(1, Math.max(0, inside + 0.5));
}

/** Pixels with a right or lower neighbour of another label. */
function boundary(labels: LabelMap): LabelMap {
  const { width, height, data } = labels;
  const edge = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if ((x + 1 < width && data[i] !== data[i + 1]) || (y + 1 < height && data[i] !== data[i + width])) {
        edge[i] = 1;
      }
    }
  }
  return { width, height, data: edge };
}

function axis(from: number, to: number): { low: number; high: number; share: number }[] {
  return Array.from({ length: to }, (_, i) => {
    const at = Math.min(from - 1, Math.max(0, ((i + 0.5) * from) / to - 0.5));
    const low = Math.floor(at);
    return { low, high: Math.min(from - 1, low + 1), share: at - low };
  });
}
