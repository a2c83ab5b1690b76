/** An item's own pixels taken out of the picture, with soft edges. */
import { type Box, emptyMask } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';

export interface Cutout {
  /** Where it lies in the picture; it may reach past the picture's rim. */
  readonly box: Box;
  /** The item's colours without its old ground's, [box.height * box.width * 3]. */
  readonly foreground: Raster;
  /** How opaque each pixel is, 0–255, [box.height * box.width]. */
  readonly alpha: Uint8Array;
}

/** Visits the pixels of a picture of this size that the item mostly covers (alpha of at least a half). */
export function eachCovered(
  { box, alpha }: Cutout,
  size: { width: number; height: number },
  visit: (pixel: number) => void,
): void {
  eachInside(box, size, (from, to) => {
    if (alpha[from]! >= 128) visit(to);
  });
}

/** The same as a mask. */
export function coverOf(cutout: Cutout, { width, height }: { width: number; height: number }): Mask {
  const mask = emptyMask(width, height);
  eachCovered(cutout, mask, (i) => (mask.data[i] = 1));
  return mask;
}

/** Whether the item mostly covers any pixel of the mask. */
export function liesOn(cutout: Cutout, mask: Mask): boolean {
  let found = false;
  eachCovered(cutout, mask, (i) => (found ||= mask.data[i] === 1));
  return found;
}

/** Every pixel of the box that lies in the picture: its index in the box and in the picture. */
export function eachInside(
  box: Box,
  size: { width: number; height: number },
  visit: (from: number, to: number) => void,
): void {
  eachRow(box, size, (from, to, length) => {
    for (let x = 0; x < length; x++) visit(from + x, to + x);
  });
}

/** Every row of the box as far as it lies in the picture: its first pixel's index in both, and how long it is. */
export function eachRow(
  box: Box,
  size: { width: number; height: number },
  visit: (from: number, to: number, length: number) => void,
): void {
  const left = Math.max(0, -box.left);
  const length = Math.min(box.width, size.width - box.left) - left;
  if (length <= 0) return;
  const bottom = Math.min(box.height, size.height - box.top);
  for (let y = Math.max(0, -box.top); y < bottom; y++)
    visit(y * box.width + left, (box.top + y) * size.width + box.left + left, length);
}
