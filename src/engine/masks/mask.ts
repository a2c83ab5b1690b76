/** Sets of pixels: measures and set algebra. All functions are pure and linear in the number of pixels. */
import { UserError } from '../errors.js';
import type { LabelMap, Mask } from '../raster.js';
import { eachRun } from './runs.js';

/** A rectangle of whole pixels: columns left … left + width - 1, rows top … top + height - 1. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A place in pixels; (0, 0) is the centre of the top left pixel. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export function emptyMask(width: number, height: number): Mask {
  return { width, height, data: new Uint8Array(width * height) };
}

/** The pixels of one item (0-based label). */
export function maskOf(labels: LabelMap, item: number): Mask {
  const mask = emptyMask(labels.width, labels.height);
  eachRun(labels.data, (label, from, to) => label === item && mask.data.fill(1, from, to));
  return mask;
}

export function areaOf(mask: Mask): number {
  const { data } = mask;
  let area = 0;
  for (let i = 0; i < data.length; i++) area += data[i]!; // an iterator takes ten times as long
  return area;
}

/** The smallest box that holds the mask, or, for `of` 0, all that is not in it; undefined where there is nothing. */
export function boundsOf({ width, data }: Mask, of: 0 | 1 = 1): Box | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length); // whose search is many times faster
  const first = bytes.indexOf(of);
  if (first < 0) return undefined;
  const top = Math.floor(first / width);
  const bottom = Math.floor(bytes.lastIndexOf(of) / width);
  let left = width - 1;
  let right = 0;
  for (let y = top; y <= bottom; y++) {
    const next = bytes.indexOf(of, y * width);
    y = Math.floor(next / width); // rows in between have none
    const row = y * width;
    left = Math.min(left, next - row);
    right = Math.max(right, bytes.lastIndexOf(of, row + width - 1) - row);
  }
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** The mean place of the mask's pixels; undefined for an empty one. */
export function centroidOf(mask: Mask): Point | undefined {
  const { width, data } = mask;
  const box = boundsOf(mask);
  if (!box) return undefined;
  let [area, sumX, sumY] = [0, 0, 0];
  for (let y = box.top; y < box.top + box.height; y++) {
    let inRow = 0;
    let along = 0;
    for (let x = box.left; x < box.left + box.width; x++) {
      const inside = data[y * width + x]!;
      inRow += inside;
      along += inside * x;
    }
    area += inRow;
    sumX += along;
    sumY += inRow * y;
  }
  return { x: sumX / area, y: sumY / area };
}

// One loop each: a function called for every pixel takes several times as long.

export function union(a: Mask, b: Mask): Mask {
  const { joined, p, q } = joinable(a, b);
  for (let i = 0; i < p.length; i++) joined.data[i] = p[i]! | q[i]!;
  return joined;
}

export function intersect(a: Mask, b: Mask): Mask {
  const { joined, p, q } = joinable(a, b);
  for (let i = 0; i < p.length; i++) joined.data[i] = p[i]! & q[i]!;
  return joined;
}

/** The pixels of `a` that are not in `b`. */
export function subtract(a: Mask, b: Mask): Mask {
  const { joined, p, q } = joinable(a, b);
  for (let i = 0; i < p.length; i++) joined.data[i] = p[i]! & (q[i]! ^ 1);
  return joined;
}

export function invert(mask: Mask): Mask {
  const data = new Uint8Array(mask.data.length);
  for (let i = 0; i < data.length; i++) data[i] = mask.data[i]! ^ 1;
  return { width: mask.width, height: mask.height, data };
}

/** Two masks that overlap by so much, of their union, are of one thing. */
const ONE_THING = 0.8;

export function areOneThing(a: Mask, b: Mask): boolean {
  requireSameSize(a, b);
  const [p, q] = [a.data, b.data];
  let [both, either] = [0, 0];
  for (let i = 0; i < p.length; i++) {
    both += p[i]! & q[i]!;
    either += p[i]! | q[i]!;
  }
  return both >= ONE_THING * either;
}

function joinable(a: Mask, b: Mask): { joined: Mask; p: Mask['data']; q: Mask['data'] } {
  requireSameSize(a, b);
  return { joined: emptyMask(a.width, a.height), p: a.data, q: b.data };
}

/** Throws unless two maps lie over the same picture. */
export function requireSameSize(
  a: { width: number; height: number },
  b: { width: number; height: number },
): void {
  if (a.width === b.width && a.height === b.height) return;
  throw new UserError(
    `the mask is ${b.width}x${b.height} but the picture is ${a.width}x${a.height}: send a mask of the picture's size`,
  );
}

/** The box wider by `by` pixels on all sides, as far as the picture goes. */
export function grownBox(
  { left, top, width, height }: Box,
  by: number,
  picture: { width: number; height: number },
): Box {
  const x = Math.max(0, left - by);
  const y = Math.max(0, top - by);
  return {
    left: x,
    top: y,
    width: Math.min(picture.width, left + width + by) - x,
    height: Math.min(picture.height, top + height + by) - y,
  };
}
