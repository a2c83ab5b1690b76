/**
 * A hole filled from the picture's own pixels: exemplar completion from coarse to fine (Wexler 2007; Newson 2014) with
 * PatchMatch (Barnes 2009), the matches' offsets applied at full size, the seams blended.
 */
import { UserError } from '../errors.js';
import { areaOf, type Box, boundsOf, grownBox, requireSameSize } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import { finest, type Ground } from './level.js';
import { type Offsets, offsetsOf } from './offsets.js';
import { correctionOf } from './seams.js';
import { pyramid, solve } from './solve.js';
import { inPartsOn } from './threads/pool.js';

export interface CompletionOptions {
  /** The same seed gives the same picture. */
  readonly seed?: number;
  /** Half as thorough: for measuring, not for showing. */
  readonly quick?: boolean;
  /** On so many cores at most; the picture is the same on any number. */
  readonly threads?: number;
}

/**
 * The picture with its hole filled from `sources`; pixels outside the hole are the same bytes. An empty hole gives
 * the picture itself.
 *
 * @throws UserError when the sources hold no patch to copy from
 */
export function complete(
  picture: Raster,
  hole: Mask,
  sources: Mask,
  options: CompletionOptions = {},
): Raster {
  const completion = completionFrom(picture, hole, sources);
  if (completion) return completion(options);
  throw new UserError(
    'there is too little left around it to fill the place with: choose a smaller item, or replace it instead',
  );
}

/** Fills the hole it was made for; once. */
export type Completion = (options?: CompletionOptions) => Raster;

/** What `complete` does, or undefined where it would find too little to copy from. */
export function completionFrom(picture: Raster, hole: Mask, sources: Mask): Completion | undefined {
  requireSameSize(picture, hole);
  requireSameSize(picture, sources);
  const bounds = boundsOf(hole);
  if (!bounds) return () => picture;
  const box = boxAround(bounds, picture, hole, sources);
  const full = finest(picture, hole, sources, box);
  const levels = pyramid(full);
  if (levels.length === 0) return undefined;
  return ({ seed = 0, quick = false, threads } = {}) => {
    const match = solve(levels, { seed: seed + 1, quick, inParts: inPartsOn(threads) });
    return filled(picture, full, box, offsetsOf(full, levels[0]!.level, match));
  };
}

/** So many rows at a time are filled; even. */
const STRIP = 64;

/** The picture with the hole's pixels taken from where they come from, and the seams evened out. */
function filled(picture: Raster, full: Ground, { left, top }: Box, offsets: Offsets): Raster {
  const correction = correctionOf(full, offsets);
  const { colour, hole, width: across } = full;
  const { box, block, columns, shift } = offsets;
  const data = new Uint8Array(picture.data);
  const rounded = new Uint8ClampedArray(data.buffer);
  for (let strip = 0; strip < box.height; strip += STRIP) {
    const end = Math.min(strip + STRIP, box.height);
    const surface = correction(strip, end);
    for (let y = strip; y < end; y++) {
      const row = (box.top + y) * across + box.left;
      const out = (top + box.top + y) * picture.width + left + box.left;
      const high = (y - strip) * box.width;
      for (let x = 0, b = Math.floor(y / block) * columns; x < box.width; x += block, b++) {
        const from = row + shift[b]!;
        for (let k = x; k < Math.min(x + block, box.width); k++) {
          if (!hole[row + k]) continue;
          for (let c = 0; c < 3; c++) {
            rounded[(out + k) * 3 + c] = colour[(from + k) * 3 + c]! + surface[(high + k) * 3 + c]!;
          }
        }
      }
    }
  }
  return { width: picture.width, height: picture.height, data };
}

/** So many times as far as the hole is thick at most is looked around it first, but not less than… */
const THICK = 8;
/** …so many pixels. */
const MARGIN = 64;

/** The hole's box with as much around it as it is large itself, less where it is thin, more where there are too few sources. */
function boxAround(bounds: Box, picture: Raster, hole: Mask, sources: Mask): Box {
  const area = areaOf(hole);
  const length = Math.max(bounds.width, bounds.height);
  const wide = Math.max(MARGIN, Math.min(0.8 * length, (THICK * area) / length));
  for (let margin = Math.round(wide); ; margin *= 2) {
    const box = grownBox(bounds, margin, picture);
    if (box.width === picture.width && box.height === picture.height) return box;
    let found = 0;
    for (let y = box.top; y < box.top + box.height; y++) {
      for (let x = box.left; x < box.left + box.width; x++) found += sources.data[y * picture.width + x]!;
    }
    if (found >= 2 * area) return box;
  }
}
