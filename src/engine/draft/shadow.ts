/**
 * What an item leaves on the picture besides its own pixels: the fringe of mixed colours along its outline and, as far
 * as it can be told, its contact shadow. A removed or moved item takes both along.
 *
 * A shadow is found by what the ground would look like without it: the item and a wide ring around it are completed
 * in a small picture from the ground farther off. Where the ring is darker than that, alike in all colours, in one
 * piece with the item, and darker than chance makes it lighter elsewhere in the ring, there lies the shadow.
 */
import { cropLabels } from '../compositing/resize.js';
import { distanceTo } from '../masks/distance.js';
import { type Box, boundsOf, emptyMask, grownBox, requireSameSize } from '../masks/mask.js';
import { dilate } from '../masks/morphology.js';
import type { Mask, Raster } from '../raster.js';
import { blurChannels } from './blur.js';
import { completionFrom } from './complete.js';
import { bandOf, edgeBand } from './edgeBand.js';
import { eachCell, reduced, type Small } from './reduced.js';

/** A shadow reaches so far from the item, in widths of the item. */
const REACH = 0.75;
/** A shadow darkens by this share somewhere… */
const CLEAR = 0.1;
/** …and is followed from there to where it darkens by less than this. */
const FAINT = 0.015;
/** What is darker than by this is no shadow but another thing. */
const BLACK = 1.3;
/** Halfway down, a shadow falls by at most this share of its depth a (small) pixel: edges fall by 0.17 and more. */
const SOFT = 0.145;
/** A contact shadow is at most so many times as large as the item. */
const LARGEST = 2;
/** What is larger is looked at with thresholds so many times as high. */
const STRICTER = 1.5;
/** In a shadow all colours darken alike: their log ratios differ by at most this share of the darkening. */
const TINT = 0.5;

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
  // twice a shadow's reach on each side
  const margin = Math.round(2 * REACH * Math.sqrt(bounds.width * bounds.height)) + 8;
  const box = grownBox(bounds, margin, picture);
  const small = reduced(picture, item, ground, box);
  const shadow = apartFromOthers(shadowOf(small), small, (2 * band) / small.step);
  // outlines are looked for one pixel around the item and its shadow, and lie a band inside what is cut out of the picture
  const around = grownBox(boundsWith(bounds, shadow, small, box), 1, picture);
  const wide = grownBox(around, band, picture);
  const inside = cropLabels(item, wide);
  eachCell(small, box, (cell, left, top, right, bottom) => {
    if (!shadow[cell]) return;
    for (let y = top; y < bottom; y++) {
      const from = y * picture.width;
      const to = (y - wide.top) * wide.width - wide.left;
      for (let x = left; x < right; x++) if (ground.data[from + x]) inside.data[to + x] = 1;
    }
  });
  const { unsure } = edgeBand(
    inside,
    { ...around, left: around.left - wide.left, top: around.top - wide.top },
    band,
  );
  const hole = { ...item, data: new Uint8Array(item.data) };
  for (let y = 0, i = 0; y < wide.height; y++) {
    let at = (wide.top + y) * picture.width + wide.left;
    for (const end = i + wide.width; i < end; i++, at++) hole.data[at] = inside.data[i]! | unsure[i]!;
  }
  return hole;
}

/** The item's box with all of its shadow. */
function boundsWith(bounds: Box, shadow: Uint8Array, small: Small, box: Box): Box {
  let [left, top] = [bounds.left, bounds.top];
  let [right, bottom] = [left + bounds.width, top + bounds.height];
  eachCell(small, box, (cell, x, y, endX, endY) => {
    if (!shadow[cell]) return;
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, endX), Math.max(bottom, endY)];
  });
  return { left, top, width: right - left, height: bottom - top };
}

/** Without the pixels next to things that are neither: their own fringes are there. */
function apartFromOthers(shadow: Uint8Array, { item, others }: Small, least: number): Uint8Array {
  const distance = distanceTo(others);
  const near = distanceTo(item);
  return shadow.map((value, i) => Number(value && (distance[i]! > least || near[i]! <= least)));
}

/** 1 where the shadow lies, in small pixels. */
function shadowOf({ picture, item, ground }: Small): Uint8Array {
  const { width, height } = picture;
  const distance = distanceTo(item);
  let covered = 0;
  for (const value of item.data) covered += value;
  const size = Math.sqrt(covered);
  for (let reach = REACH * size; reach >= 4; reach /= 2) {
    const ring = emptyMask(width, height);
    const hole = emptyMask(width, height);
    const sources = emptyMask(width, height);
    for (let i = 0; i < ring.data.length; i++) {
      const near = distance[i]! <= reach;
      hole.data[i] = near ? item.data[i]! | ground.data[i]! : item.data[i]!;
      sources.data[i] = near ? 0 : ground.data[i]!;
      // the pixels next to the item carry its fringe
      ring.data[i] = near && distance[i]! > 1 ? ground.data[i]! : 0;
    }
    const completion = completionFrom(picture, hole, sources);
    if (!completion) continue;
    return grown(darkening(picture, completion({ quick: true }), ring, size / 24), ring, distance);
  }
  return new Uint8Array(width * height);
}

/** How much darker the picture is than the other: the mean natural log ratio, 0 where the colours differ unalike. */
function darkening(picture: Raster, unshaded: Raster, ring: Mask, sigma: number): Float32Array {
  const four = new Float32Array(ring.data.length * 4);
  for (let i = 0; i < ring.data.length; i++) {
    if (!ring.data[i]) continue;
    for (let c = 0; c < 3; c++) {
      four[i * 4 + c] = Math.log((8 + unshaded.data[i * 3 + c]!) / (8 + picture.data[i * 3 + c]!));
    }
    four[i * 4 + 3] = 1;
  }
  blurChannels(four, ring.width, ring.height, Math.max(1, sigma));
  const out = new Float32Array(ring.data.length);
  for (let i = 0; i < out.length; i++) {
    if (!ring.data[i]) continue;
    const drops = [0, 1, 2].map((c) => four[i * 4 + c]! / four[i * 4 + 3]!);
    const mean = (drops[0]! + drops[1]! + drops[2]!) / 3;
    const spread = Math.max(...drops) - Math.min(...drops);
    out[i] = mean < 0 || spread <= TINT * mean + 0.02 ? mean : 0;
  }
  return out;
}

/**
 * Grows from beside the item over what is darker than chance, then over its faint skirts. Where that is too large for a
 * shadow, the ground there is darker by itself: only what stands out from it more is looked at then.
 */
function grown(darker: Float32Array, ring: Mask, distance: Float32Array): Uint8Array {
  const chance = byChance(darker, ring);
  const sure = Math.max(CLEAR, 1.5 * chance);
  const covered = distance.reduce((sum, d) => sum + Number(d === 0), 0);
  const none = new Uint8Array(darker.length);
  for (let stricter = 1; ; stricter *= STRICTER) {
    const some = stricter * Math.max(CLEAR / 2, chance);
    const faint = stricter * Math.max(FAINT, 0.4 * chance);
    const core = flood(
      ring,
      (i) => distance[i]! <= 3.5,
      (i) => darker[i]! >= some,
    );
    let darkest = 0;
    for (let i = 0; i < core.length; i++) if (core[i]) darkest = Math.max(darkest, darker[i]!);
    if (darkest < sure || darkest > BLACK) return none;
    const skirts = flood(
      ring,
      (i) => core[i] === 1,
      (i) => darker[i]! >= faint,
    );
    const area = skirts.reduce((sum, value) => sum + value, 0);
    if (area > LARGEST * covered) continue;
    return isSoft(skirts, darker, ring, darkest) ? rounded(skirts, ring, distance) : none;
  }
}

/** The shadow fades over several pixels; another dark thing beside the item ends abruptly. */
function isSoft(shadow: Uint8Array, darker: Float32Array, { width, data }: Mask, darkest: number): boolean {
  const half = darkest / 2;
  let sum = 0;
  let count = 0;
  for (let i = width; i < shadow.length - width; i++) {
    if (!shadow[i] || darker[i]! < half) continue;
    for (const along of [-1, 1, -width, width]) {
      if (!data[i + along] || darker[i + along]! >= half || !data[i - along]) continue;
      sum += (darker[i - along]! - darker[i + along]!) / 2;
      count++;
    }
  }
  return sum <= SOFT * darkest * count;
}

/** Two pixels wider, over the item's fringe too, and without islands that the rest of the ring cannot be reached from. */
function rounded(shadow: Uint8Array, { width, height, data }: Mask, distance: Float32Array): Uint8Array {
  const wider = dilate({ width, height, data: shadow }, 2).data;
  const open = { width, height, data: wider.map((value, i) => Number(!value && distance[i]! > 0)) };
  const outside = flood(
    open,
    (i) => !data[i] && distance[i]! > 2,
    () => true,
  );
  return wider.map((value, i) => value | Number(open.data[i] === 1 && !outside[i] && data[i] === 1));
}

/** How much lighter than completed the lightest twentieth of the ring is: the noise of the comparison. */
function byChance(darker: Float32Array, ring: Mask): number {
  const values: number[] = [];
  for (let i = 0; i < darker.length; i++) if (ring.data[i]) values.push(-darker[i]!);
  values.sort((p, q) => p - q);
  return Math.max(0, values[Math.floor(0.95 * (values.length - 1))] ?? 0);
}

/** The pieces of the ring's pixels that pass the test and hold a start (4 neighbours). */
function flood(ring: Mask, starts: (i: number) => boolean, passes: (i: number) => boolean): Uint8Array {
  const { width, height, data } = ring;
  const found = new Uint8Array(data.length);
  const queue: number[] = [];
  const visit = (i: number): void => {
    if (found[i] || !data[i] || !passes(i)) return;
    found[i] = 1;
    queue.push(i);
  };
  for (let i = 0; i < data.length; i++) if (starts(i)) visit(i);
  for (let i = queue.pop(); i !== undefined; i = queue.pop()) {
    if (i % width > 0) visit(i - 1);
    if (i % width < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i < width * (height - 1)) visit(i + width);
  }
  return found;
}
