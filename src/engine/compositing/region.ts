/**
 * Whole pictures, edited in part: the box that goes to the model, and the way back. Every pixel outside the active
 * and soft regions keeps its original value.
 */
import { UserError } from '../errors.js';
import { distanceTo } from '../masks/distance.js';
import { type Box, boundsOf, invert } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { cropLabels } from './resize.js';

export interface CropOptions {
  /** How much larger than the region's box, on the longer side, so that the model sees the surroundings. */
  readonly context?: number;
  /** The box spans at least this share of each of the picture's sides. */
  readonly minFraction?: number;
  /** The longer side over the shorter, as far as the picture allows: models are trained on squares. */
  readonly maxAspect?: number;
}

/** The box around a region that is cut out, edited at the model's resolution and pasted back. */
export function cropBox(
  region: Mask,
  picture: { width: number; height: number },
  { context = 0.5, minFraction = 0.3, maxAspect = 1.5 }: CropOptions = {},
): Box {
  const bounds = boundsOf(region);
  if (!bounds) throw new UserError('the region to edit is empty: choose an item that has pixels');
  const margin = (Math.max(bounds.width, bounds.height) * context) / 2;
  let width = Math.max(bounds.width + 2 * margin, picture.width * minFraction);
  let height = Math.max(bounds.height + 2 * margin, picture.height * minFraction);
  width = Math.min(picture.width, Math.max(width, height / maxAspect));
  height = Math.min(picture.height, Math.max(height, width / maxAspect));
  const across = span(bounds.left + bounds.width / 2, width, picture.width);
  const down = span(bounds.top + bounds.height / 2, height, picture.height);
  return { left: across.start, top: down.start, width: across.length, height: down.length };
}

/** Whole pixels around a centre, pushed inside 0 … limit. */
function span(centre: number, length: number, limit: number): { start: number; length: number } {
  const whole = Math.min(limit, Math.ceil(length));
  const start = Math.round(centre - whole / 2);
  return { start: Math.min(Math.max(0, start), limit - whole), length: whole };
}

/**
 * The original with the edited box in it: `edited` has the box's size, the masks the picture's. Inside `active` the
 * edit, outside both masks the original byte for byte; across `soft` the edit fades by the distance to either side.
 */
export function pasteBack(original: Raster, edited: Raster, box: Box, active: Mask, soft: Mask): Raster {
  if (edited.width !== box.width || edited.height !== box.height) {
    throw new RangeError(
      `an edit of ${edited.width}x${edited.height} for a box of ${box.width}x${box.height}`,
    );
  }
  const data = new Uint8Array(original.data);
  const weights = pasteWeights(original, box, active, soft);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const weight = weights[y * box.width + x]!;
      if (weight === 0) continue;
      const from = (y * box.width + x) * 3;
      const to = ((box.top + y) * original.width + box.left + x) * 3;
      for (let c = 0; c < 3; c++) {
        data[to + c] = Math.round(data[to + c]! + weight * (edited.data[from + c]! - data[to + c]!));
      }
    }
  }
  return { width: original.width, height: original.height, data };
}

/** The edit's share of every pixel of the box, 0 … 1. */
function pasteWeights(
  picture: { width: number; height: number },
  box: Box,
  active: Mask,
  soft: Mask,
): Float32Array {
  // One pixel more on each side where the picture goes on: what lies outside the box counts as untouched.
  const left = Math.max(0, box.left - 1);
  const top = Math.max(0, box.top - 1);
  const width = Math.min(picture.width, box.left + box.width + 1) - left;
  const height = Math.min(picture.height, box.top + box.height + 1) - top;
  const around: Box = { left, top, width, height };
  const inner = cropLabels(active, around);
  const touched = cropLabels(soft, around);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const bx = left + x - box.left;
      const by = top + y - box.top;
      if (bx < 0 || by < 0 || bx >= box.width || by >= box.height) {
        inner.data[i] = 0;
        touched.data[i] = 0;
      } else touched.data[i]! |= inner.data[i]!;
    }
  }
  const toActive = distanceTo(inner);
  const toUntouched = distanceTo(invert(touched));
  const weights = new Float32Array(box.width * box.height);
  for (let y = 0; y < box.height; y++) {
    for (let x = 0; x < box.width; x++) {
      const i = (box.top - top + y) * width + (box.left - left + x);
      if (!touched.data[i]) continue;
      const inside = toActive[i]!;
      const outside = toUntouched[i]!;
      weights[y * box.width + x] = outside === Number.POSITIVE_INFINITY ? 1 : outside / (inside + outside);
    }
  }
  return weights;
}
