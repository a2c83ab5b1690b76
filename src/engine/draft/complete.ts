/**
 * A hole filled from the picture's own pixels: exemplar completion from coarse to fine (Wexler 2007; Newson 2014) with
 * PatchMatch (Barnes 2009), the matches' offsets applied at full size, the seams blended.
 */
import { UserError } from '../errors.js';
import { distanceTo } from '../masks/distance.js';
import { areaOf, type Box, boundsOf, grownBox, invert, requireSameSize } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import {
  centreNear,
  finest,
  type Ground,
  halved,
  type Level,
  PATCH,
  type Places,
  placesOf,
  RADIUS,
  roughened,
} from './level.js';
import { Dice, emptyField, type Field, search } from './patchMatch.js';
import { peel } from './peel.js';
import { blendSeams, type Offsets } from './seams.js';
import { smoothStart } from './smoothStart.js';
import { trustOf, vote } from './vote.js';

export interface CompletionOptions {
  /** The same seed gives the same picture. */
  readonly seed?: number;
  /** Half as thorough: for measuring, not for showing. */
  readonly quick?: boolean;
}

/** Up to so many pixels of hole are searched for; at larger sizes the offsets found are applied as they are. */
const SEARCHED = 60_000;
/** Up to so many, matches are sought thoroughly. */
const THOROUGH = 25_000;
/** Fewer whole patches than this are no material to work with. */
const MIN_CENTRES = 24;
/** So many first guesses are tried at the coarsest sizes, half of them smooth, half peeled. */
const STARTS = 4;
/** Depth is measured on levels of up to so many pixels: larger ones are not the coarsest anyway. */
const MEASURED = 400_000;

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
  return ({ seed = 0, quick = false } = {}) => {
    const field = solve(levels, new Dice(seed + 1), quick);
    return filled(picture, full, box, offsetsOf(full, levels[0]!.level, field));
  };
}

/** The picture with the hole's pixels taken from where they come from. */
function filled(picture: Raster, full: Ground, { left, top }: Box, offsets: Offsets): Raster {
  const blended = blendSeams(full, offsets);
  const data = new Uint8Array(picture.data);
  const { box, from } = offsets;
  for (let y = 0; y < box.height; y++) {
    let at = ((top + box.top + y) * picture.width + left + box.left) * 3;
    for (let i = y * box.width; i < (y + 1) * box.width; i++, at += 3) {
      if (from[i]! < 0) continue;
      for (let c = 0; c < 3; c++) data[at + c] = blended[i * 3 + c]!;
    }
  }
  return { width: picture.width, height: picture.height, data };
}

/** A level that matches are sought on. */
interface Searched {
  readonly level: Level;
  readonly places: Places;
}

/** From the finest level that is searched to the one on which the hole is about a patch deep. */
function pyramid(full: Ground): Searched[] {
  const levels: Searched[] = [];
  for (let ground = full; ; ground = halved(ground)) {
    const { width, height, hole } = ground;
    const mask = { width, height, data: hole };
    if (areaOf(mask) <= SEARCHED) {
      const places = placesOf(ground);
      if (places.centres.length < MIN_CENTRES) break;
      levels.push({ level: roughened(ground, levels.at(-1)?.level), places });
    }
    if (Math.min(width, height) < 4 * PATCH) break;
    if (width * height > MEASURED) continue;
    const depth = distanceTo(invert(mask));
    let deepest = 0;
    for (let i = 0; i < depth.length; i++) if (depth[i]! > deepest) deepest = depth[i]!;
    if (deepest <= RADIUS + 1) break;
  }
  return levels;
}

/** From the coarsest level to the finest; of several starts the one that fits its sources best is gone on with. */
function solve(levels: readonly Searched[], dice: Dice, quick: boolean): Field {
  const coarsest = levels.length - 1;
  const chosen = Math.max(0, coarsest - 1);
  const tried = levels.slice(chosen);
  let best: { error: number; field: Field; guesses: Pick<Level, 'colour' | 'rough'>[] } | undefined;
  for (let start = 0; start < (quick ? 2 : STARTS); start++) {
    const { level, places } = levels[coarsest]!;
    let field = (start % 2 === 0 ? smoothStart : peel)(level, places, dice);
    for (let k = coarsest; k >= chosen; k--) field = refined(levels, k, field, dice, quick);
    const error = errorOf(levels[chosen]!, field, dice);
    if (best && error >= best.error) continue;
    const guesses = tried.map(({ level: { colour, rough } }) => ({
      colour: new Uint8Array(colour),
      rough: new Float32Array(rough),
    }));
    best = { error, field, guesses };
  }
  tried.forEach(({ level }, k) => {
    level.colour.set(best!.guesses[k]!.colour);
    level.rough.set(best!.guesses[k]!.rough);
  });
  let { field } = best!;
  for (let k = chosen - 1; k >= 0; k--) field = refined(levels, k, field, dice, quick);
  return field;
}

/** The mean cost of the field against what is guessed now. */
function errorOf({ level, places }: Searched, field: Field, dice: Dice): number {
  search(level, places, field, dice, { passes: 1, reach: 1 });
  return places.targets.reduce((sum, a) => sum + field.cost[a]!, 0) / places.targets.length;
}

/**
 * Matches and guesses in turn on one level. The finest two levels end with guesses that copy one patch each: means of
 * patches are smoother than any source.
 *
 * @param field of the coarsest level itself, of any other the coarser one's
 */
function refined(levels: readonly Searched[], k: number, from: Field, dice: Dice, quick: boolean): Field {
  const first = k === levels.length - 1;
  const { level, places } = levels[k]!;
  const trust = trustOf(level);
  const field = first ? from : doubled(from, levels[k + 1]!.level, levels[k]!, dice);
  if (!first) vote(level, places, field, trust);
  const thorough = !quick && places.targets.length <= THOROUGH;
  const reach = Math.max(level.width, level.height) >> (first ? 0 : 2);
  const rounds = first ? (quick ? 4 : 10) : thorough ? 4 : 2;
  const passes = first ? (quick ? 2 : 4) : thorough ? 2 : 1;
  for (let round = 0; round < rounds; round++) {
    search(level, places, field, dice, { passes, reach });
    const sharp = k <= 1 && !first && round > 0;
    if (vote(level, places, field, trust, sharp) < 0.01) break;
  }
  if (k === 0 && !first) search(level, places, field, dice, { passes: 1, reach });
  return field;
}

/** The coarse field at twice the size: four pixels share a match, each with its own part of it. */
function doubled(field: Field, coarse: Level, { level: fine, places }: Searched, dice: Dice): Field {
  const out = emptyField(fine);
  const { width } = fine;
  for (const a of places.targets) {
    const x = a % width;
    const y = Math.floor(a / width);
    const cx = Math.min(x >> 1, coarse.width - 1);
    const cy = Math.min(y >> 1, coarse.height - 1);
    const at = centreNear(cy * coarse.width + cx, coarse.width, coarse.height);
    const from = field.match[at]!;
    let b = -1;
    if (from >= 0) {
      const bx = x + 2 * ((from % coarse.width) - (at % coarse.width));
      const by = y + 2 * (Math.floor(from / coarse.width) - Math.floor(at / coarse.width));
      if (bx >= RADIUS && by >= RADIUS && bx < width - RADIUS && by < fine.height - RADIUS)
        b = by * width + bx;
    }
    out.cost[a] = field.cost[at]!; // until it is measured anew, as good as it was
    out.match[a] = b >= 0 && places.whole[b] ? b : places.centres[dice.below(places.centres.length)]!;
  }
  return out;
}

/** Where each hole pixel of the full size comes from. */
function offsetsOf(full: Ground, searched: Level, field: Field): Offsets {
  const scale = Math.round(full.width / searched.width);
  const { width, hole } = full;
  const box = partOf(full);
  const from = new Int32Array(box.width * box.height).fill(-1);
  const columns = new Int32Array(box.width);
  for (let x = 0; x < box.width; x++) columns[x] = nearTo(box.left + x, searched.width);
  for (let y = 0; y < box.height; y++) {
    const row = nearTo(box.top + y, searched.height) * searched.width;
    let at = (box.top + y) * width + box.left;
    for (let i = y * box.width; i < (y + 1) * box.width; i++, at++) {
      if (!hole[at]) continue;
      const a = row + columns[i - y * box.width]!;
      const match = field.match[a]!;
      const dx = (match % searched.width) - (a - row);
      const dy = (match - (match % searched.width) - row) / searched.width;
      from[i] = at + scale * (dy * width + dx);
    }
  }
  return { box, from };

  /** The searched level's row or column of a full-size one. */
  function nearTo(place: number, side: number): number {
    return Math.min(Math.max(Math.floor(place / scale), RADIUS), side - 1 - RADIUS);
  }
}

/**
 * The part of the ground with the hole, and a pixel more. Its corner lies where all grids of the membrane have one, down to
 * the coarsest: seams are evened out as over the whole ground.
 */
function partOf(full: Ground): Box {
  const { width, height, hole } = full;
  const bounds = boundsOf({ width, height, data: hole })!;
  const { left, top, ...size } = grownBox(bounds, 1, full);
  const grid = 2 ** Math.ceil(Math.log2(Math.max(4, size.width, size.height) / 4));
  const [x, y] = [left - (left % grid), top - (top % grid)];
  return { left: x, top: y, width: left + size.width - x, height: top + size.height - y };
}

/** The hole's box with as much around it as it is large itself, and more where that has too few sources. */
function boxAround(bounds: Box, picture: Raster, hole: Mask, sources: Mask): Box {
  const area = areaOf(hole);
  for (let share = 0.8; ; share *= 2) {
    const margin = Math.round(Math.max(64, share * Math.max(bounds.width, bounds.height)));
    const box = grownBox(bounds, margin, picture);
    if (box.width === picture.width && box.height === picture.height) return box;
    let found = 0;
    for (let y = box.top; y < box.top + box.height; y++) {
      for (let x = box.left; x < box.left + box.width; x++) found += sources.data[y * picture.width + x]!;
    }
    if (found >= 2 * area) return box;
  }
}
