/**
 * What an item leaves on the picture besides its own pixels: the fringe of mixed colours along its outline and, as far
 * as it can be told, its contact shadow. A removed or moved item takes both along.
 */
import { boundsOf, requireSameSize } from '../masks/mask.js';
import { distanceTo } from '../masks/distance.js';
import type { Box } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { blurChannels } from './blur.js';
import { bandOf } from './matte.js';

/** Shadows are looked for in a picture whose longer side has at most so many pixels. */
const SIDE = 192;
/** A shadow darkens by at least this share… */
const FAINT = 0.04;
/** …and somewhere beside the item by this much. */
const CLEAR = 0.09;
/** All colours darken alike in a shadow: their log ratios differ at most by this share of the darkening, plus noise. */
const TINT = 0.6;

/**
 * The item widened by its fringe and its contact shadow: the hole that its removal leaves.
 *
 * @param ground the pixels that may be shadowed: those of the items that inherit the place (`sourcesOf`)
 */
export function fringeAndShadow(picture: Raster, item: Mask, ground: Mask): Mask {
  requireSameSize(picture, item);
  requireSameSize(picture, ground);
  const bounds = boundsOf(item);
  if (!bounds) return item;
  const band = bandOf(picture);
  const hole = { ...item, data: Uint8Array.from(item.data) };
  const box = around(bounds, picture);
  const small = reduced(picture, item, ground, box);
  const shadow = shadowOf(small);
  const inside = { width: box.width, height: box.height, data: new Uint8Array(box.width * box.height) };
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const i = (box.top + y) * picture.width + box.left + x;
      const s = Math.min(small.height - 1, Math.floor(y / small.step)) * small.width;
      const shaded = ground.data[i]! & shadow[s + Math.min(small.width - 1, Math.floor(x / small.step))]!;
      inside.data[y * box.width + x] = item.data[i]! | shaded;
    }
  }
  const distance = distanceTo(inside);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      if (distance[y * box.width + x]! <= band) hole.data[(box.top + y) * picture.width + box.left + x] = 1;
    }
  }
  return hole;
}

interface Small {
  readonly width: number;
  readonly height: number;
  /** Pixels of the picture that one pixel here is wide. */
  readonly step: number;
  /** The mean of the ground's colours in each pixel, natural logarithm, [height * width * 3]. */
  readonly logs: Float32Array;
  /** How much of each pixel is ground, and how much is item, 0 … 1. */
  readonly ground: Float32Array;
  readonly item: Float32Array;
}

/** The item's surroundings: as much on each side as it is large. */
function around({ left, top, width, height }: Box, picture: Raster): Box {
  const margin = Math.round(0.8 * Math.max(width, height)) + 8;
  const x = Math.max(0, left - margin);
  const y = Math.max(0, top - margin);
  return {
    left: x,
    top: y,
    width: Math.min(picture.width, left + width + margin) - x,
    height: Math.min(picture.height, top + height + margin) - y,
  };
}

function reduced(picture: Raster, item: Mask, ground: Mask, box: Box): Small {
  const step = Math.max(1, Math.ceil(Math.max(box.width, box.height) / SIDE));
  const width = Math.ceil(box.width / step);
  const height = Math.ceil(box.height / step);
  const logs = new Float32Array(width * height * 3);
  const grounds = new Float32Array(width * height);
  const items = new Float32Array(width * height);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const i = (box.top + y) * picture.width + box.left + x;
      const j = Math.floor(y / step) * width + Math.floor(x / step);
      items[j]! += item.data[i]!;
      if (!ground.data[i] || item.data[i]) continue;
      grounds[j]! += 1;
      for (let c = 0; c < 3; c++) logs[j * 3 + c]! += picture.data[i * 3 + c]!;
    }
  }
  for (let j = 0; j < grounds.length; j++) {
    for (let c = 0; c < 3; c++) logs[j * 3 + c] = Math.log(4 + logs[j * 3 + c]! / Math.max(1, grounds[j]!));
    grounds[j]! /= step * step;
    items[j]! /= step * step;
  }
  return { width, height, step, logs, ground: grounds, item: items };
}

/** Where the ground beside the item is darker than the ground farther off, in one piece with the item. */
function shadowOf(small: Small): Uint8Array {
  const { width, height, logs, ground, item } = small;
  const covered = item.map((share) => Number(share > 0));
  const distance = distanceTo({ width, height, data: Uint8Array.from(covered) });
  const size = Math.sqrt(covered.reduce((sum, value) => sum + value, 0));
  const far = Math.max(4, 0.45 * size);
  // ground pixels touched by the item carry its fringe
  const near = ground.map((share, i) => (share > 0.5 && distance[i]! > 1 ? share : 0));
  const smooth = blurred(logs, near, width, height, Math.max(1, size / 16));
  const lit = blurred(
    logs,
    near.map((share, i) => (distance[i]! >= far ? share : 0)),
    width,
    height,
    Math.max(3, 0.5 * size),
  );
  const darker = new Float32Array(ground.length);
  for (let i = 0; i < darker.length; i++) {
    if (near[i] === 0 || Number.isNaN(smooth[i * 3]!) || Number.isNaN(lit[i * 3]!)) continue;
    const drops = [0, 1, 2].map((c) => lit[i * 3 + c]! - smooth[i * 3 + c]!);
    const mean = (drops[0]! + drops[1]! + drops[2]!) / 3;
    const spread = Math.max(...drops) - Math.min(...drops);
    darker[i] = spread <= TINT * mean + 0.03 ? mean : 0;
  }
  let noise = 0;
  let count = 0;
  for (let i = 0; i < darker.length; i++) {
    if (near[i] === 0 || distance[i]! < far || Number.isNaN(lit[i * 3]!)) continue;
    let mean = 0;
    for (let c = 0; c < 3; c++) mean += (lit[i * 3 + c]! - smooth[i * 3 + c]!) / 3;
    noise += mean * mean;
    count++;
  }
  const faint = Math.max(FAINT, 1.5 * Math.sqrt(noise / Math.max(1, count)));
  return connected(covered, darker, distance, faint, far, width, height);
}

/** Grows from the item over pixels that are dark enough; what never gets clearly dark is no shadow. */
function connected(
  covered: Float32Array,
  darker: Float32Array,
  distance: Float32Array,
  faint: number,
  far: number,
  width: number,
  height: number,
): Uint8Array {
  const shadow = new Uint8Array(covered.length);
  const queue: number[] = [];
  for (let i = 0; i < covered.length; i++) if (distance[i]! <= 2) queue.push(i);
  const seen = Uint8Array.from(distance, (d) => Number(d <= 2));
  let darkest = 0;
  for (let head = 0; head < queue.length; head++) {
    const i = queue[head]!;
    if (covered[i] === 0 && darker[i]! > faint) {
      shadow[i] = 1;
      darkest = Math.max(darkest, darker[i]!);
    } else if (distance[i]! > 2) continue;
    const x = i % width;
    for (const j of [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width]) {
      if (j < 0 || j >= width * height || seen[j] || distance[j]! > far) continue;
      seen[j] = 1;
      queue.push(j);
    }
  }
  return darkest >= Math.max(CLEAR, 1.5 * faint) ? shadow : new Uint8Array(shadow.length);
}

/** Normalised Gaussian blur (three box blurs) of [height * width * 3] under weights; NaN where nothing is near. */
function blurred(
  values: Float32Array,
  weights: Float32Array,
  width: number,
  height: number,
  sigma: number,
): Float32Array {
  const four = new Float32Array(weights.length * 4);
  for (let i = 0; i < weights.length; i++) {
    for (let c = 0; c < 3; c++) four[i * 4 + c] = weights[i]! === 0 ? 0 : values[i * 3 + c]! * weights[i]!;
    four[i * 4 + 3] = weights[i]!;
  }
  blurChannels(four, width, height, sigma);
  const out = new Float32Array(values.length);
  for (let i = 0; i < weights.length; i++) {
    for (let c = 0; c < 3; c++) {
      out[i * 3 + c] = four[i * 4 + 3]! > 1e-4 ? four[i * 4 + c]! / four[i * 4 + 3]! : Number.NaN;
    }
  }
  return out;
}
