/**
 * The picture around a hole at several sizes, each half of the one before (Wexler 2007, section 3.2: completion from
 * coarse to fine is what lets a large hole find its large structures).
 */
import type { Box } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';

/** Patches are squares of 2 · RADIUS + 1 pixels: 7 as in Newson 2014. */
export const RADIUS = 3;
export const PATCH = 2 * RADIUS + 1;

/** One size of the picture around the hole. Places are indices `y * width + x`. */
export interface Level {
  readonly width: number;
  readonly height: number;
  /** RGB, 0–255, interleaved; inside the hole what is guessed so far. */
  readonly colour: Uint8Array;
  /** 1 where a pixel is to be made up. */
  readonly hole: Uint8Array;
  /** 1 where a pixel may be copied from. */
  readonly source: Uint8Array;
  /** 1 where a whole patch around the place is source. */
  readonly whole: Uint8Array;
  /** Places with `whole`, in rising order. */
  readonly centres: Int32Array;
  /** Centres of the patches inside the picture that touch the hole, in rising order. */
  readonly targets: Int32Array;
  /** 1 for targets whose patch also touches pixels that are neither hole nor source: those are not compared. */
  readonly mixed: Uint8Array;
}

/** Level 0 is the box at full size; the last is the first on which `enough` says so, or the last that has sources. */
export function pyramid(
  picture: Raster,
  hole: Mask,
  sources: Mask,
  box: Box,
  enough: (level: Level) => boolean,
): Level[] {
  let level = finest(picture, hole, sources, box);
  const levels = [level];
  while (!enough(level) && Math.min(level.width, level.height) >= 4 * PATCH) {
    level = halved(level);
    if (level.centres.length < MIN_CENTRES) break;
    levels.push(level);
  }
  return levels;
}

/** Fewer patches than this are no material to work with. */
export const MIN_CENTRES = 24;

function finest(picture: Raster, hole: Mask, sources: Mask, box: Box): Level {
  const { width, height } = box;
  const colour = new Uint8Array(width * height * 3);
  const inside = new Uint8Array(width * height);
  const source = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const from = (box.top + y) * picture.width + box.left;
    colour.set(picture.data.subarray(from * 3, (from + width) * 3), y * width * 3);
    inside.set(hole.data.subarray(from, from + width), y * width);
    source.set(sources.data.subarray(from, from + width), y * width);
  }
  for (let i = 0; i < source.length; i++) if (inside[i]) source[i] = 0;
  return withPlaces(width, height, colour, inside, source);
}

/** Each pixel is the mean of the known ones of its four; it is hole if any is, source if all are. */
function halved(level: Level): Level {
  const width = level.width >> 1;
  const height = level.height >> 1;
  const colour = new Uint8Array(width * height * 3);
  const hole = new Uint8Array(width * height);
  const source = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const a = 2 * y * level.width + 2 * x;
      const four = [a, a + 1, a + level.width, a + level.width + 1];
      const i = y * width + x;
      let known = 0;
      let usable = 1;
      const sum = [0, 0, 0];
      for (const p of four) {
        usable &= level.source[p]!;
        if (level.hole[p]) continue;
        known++;
        for (let c = 0; c < 3; c++) sum[c]! += level.colour[p * 3 + c]!;
      }
      hole[i] = Number(known < 4);
      source[i] = usable;
      if (known > 0) for (let c = 0; c < 3; c++) colour[i * 3 + c] = Math.round(sum[c]! / known);
    }
  }
  return withPlaces(width, height, colour, hole, source);
}

function withPlaces(
  width: number,
  height: number,
  colour: Uint8Array,
  hole: Uint8Array,
  source: Uint8Array,
): Level {
  const sources = boxSums(source, width, height);
  const holes = boxSums(hole, width, height);
  const whole = new Uint8Array(width * height);
  const mixed = new Uint8Array(width * height);
  const centres: number[] = [];
  const targets: number[] = [];
  for (let y = RADIUS; y < height - RADIUS; y++) {
    for (let x = RADIUS; x < width - RADIUS; x++) {
      const i = y * width + x;
      if (sources[i] === PATCH * PATCH) {
        whole[i] = 1;
        centres.push(i);
      }
      if (holes[i]! > 0) {
        targets.push(i);
        mixed[i] = Number(holes[i]! + sources[i]! < PATCH * PATCH);
      }
    }
  }
  return {
    width,
    height,
    colour,
    hole,
    source,
    whole,
    mixed,
    centres: Int32Array.from(centres),
    targets: Int32Array.from(targets),
  };
}

/** How many set pixels the patch around each place has; 0 where it leaves the picture. */
function boxSums(set: Uint8Array, width: number, height: number): Uint8Array {
  const rows = new Uint8Array(set.length);
  const out = new Uint8Array(set.length);
  for (let y = 0; y < height; y++) {
    for (let x = RADIUS, sum = 0; x < width - RADIUS; x++) {
      const i = y * width + x;
      if (x === RADIUS) for (let k = -RADIUS; k <= RADIUS; k++) sum += set[i + k]!;
      else sum += set[i + RADIUS]! - set[i - RADIUS - 1]!;
      rows[i] = sum;
    }
  }
  for (let x = RADIUS; x < width - RADIUS; x++) {
    for (let y = RADIUS, sum = 0; y < height - RADIUS; y++) {
      const i = y * width + x;
      if (y === RADIUS) for (let k = -RADIUS; k <= RADIUS; k++) sum += rows[i + k * width]!;
      else sum += rows[i + RADIUS * width]! - rows[i - (RADIUS + 1) * width]!;
      out[i] = sum;
    }
  }
  return out;
}
