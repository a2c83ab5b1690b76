/**
 * A hole filled from the picture's own pixels: exemplar completion from coarse to fine (Wexler 2007; Newson 2014) with
 * PatchMatch (Barnes 2009), the matches' offsets applied at full size, the seams blended.
 */
import { UserError } from '../errors.js';
import { distanceTo } from '../masks/distance.js';
import { repartition } from '../masks/labelMap.js';
import { type Box, boundsOf, emptyMask, invert, requireSameSize } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { type Level, MIN_CENTRES, pyramid, RADIUS } from './level.js';
import { Dice, emptyField, type Field, search } from './patchMatch.js';
import { centreNear, peel } from './peel.js';
import { blendSeams } from './seams.js';
import { trustOf, vote } from './vote.js';

export interface CompletionOptions {
  /** The same seed gives the same picture. */
  readonly seed?: number;
}

/**
 * Where the hole may be filled from: the pixels of the items that inherit it under D-Edit's nearest re-partition
 * (arXiv 2403.04880, process_remain_mask), never those of the items that left.
 *
 * @param labels every pixel's item before the edit
 * @param gone items whose pixels are never copied
 * @throws UserError when no other item is left
 */
export function sourcesOf(labels: LabelMap, hole: Mask, gone: readonly number[] = []): Mask {
  requireSameSize(labels, hole);
  const orphans = emptyMask(labels.width, labels.height);
  for (let i = 0; i < orphans.data.length; i++) {
    orphans.data[i] = Number(hole.data[i] === 1 || gone.includes(labels.data[i]!));
  }
  const after = repartition(labels, orphans);
  const inherits = new Uint8Array(256);
  for (let i = 0; i < hole.data.length; i++) if (hole.data[i]) inherits[after.data[i]!] = 1;
  const sources = emptyMask(labels.width, labels.height);
  for (let i = 0; i < sources.data.length; i++) {
    sources.data[i] = Number(!orphans.data[i] && inherits[labels.data[i]!] === 1);
  }
  return sources;
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
  { seed = 0 }: CompletionOptions = {},
): Raster {
  requireSameSize(picture, hole);
  requireSameSize(picture, sources);
  const bounds = boundsOf(hole);
  if (!bounds) return picture;
  const box = boxAround(bounds, picture, hole, sources);
  const levels = pyramid(picture, hole, sources, box, isSmall);
  if (levels[0]!.centres.length < MIN_CENTRES) {
    throw new UserError(
      'there is too little left around it to fill the place with: choose a smaller item, or replace it instead',
    );
  }
  const field = solve(levels, new Dice(seed + 1));
  const data = Uint8Array.from(picture.data);
  const filled = blendSeams(levels[0]!, field);
  const { width } = box;
  for (let i = 0; i < levels[0]!.hole.length; i++) {
    if (!levels[0]!.hole[i]) continue;
    const at = ((box.top + Math.floor(i / width)) * picture.width + box.left + (i % width)) * 3;
    for (let c = 0; c < 3; c++) data[at + c] = filled[i * 3 + c]!;
  }
  return { width: picture.width, height: picture.height, data };
}

/** From the coarsest level to the finest. */
function solve(levels: readonly Level[], dice: Dice): Field {
  const coarsest = levels.length - 1;
  let field = peel(levels[coarsest]!, dice);
  for (let k = coarsest; k >= 0; k--) {
    const level = levels[k]!;
    const trust = trustOf(level);
    if (k < coarsest) {
      field = doubled(field, levels[k + 1]!, level, dice);
      vote(level, field, trust);
    }
    const reach = Math.max(level.width, level.height) >> (k === coarsest ? 0 : 2);
    const rounds = k === coarsest ? 10 : level.targets.length > 60_000 ? 1 : 4;
    for (let round = 0; round < rounds; round++) {
      search(level, field, dice, { passes: k === coarsest ? 4 : 2, reach });
      vote(level, field, trust);
    }
  }
  return field;
}

/** The coarse field at twice the size: four pixels share a match, each with its own part of it. */
function doubled(field: Field, coarse: Level, fine: Level, dice: Dice): Field {
  const out = emptyField(fine);
  const { width } = fine;
  for (const a of fine.targets) {
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
    out.match[a] = b >= 0 && fine.whole[b] ? b : fine.centres[dice.below(fine.centres.length)]!;
  }
  return out;
}

/** The hole is at most about a patch deep: the coarsest level is reached. */
function isSmall(level: Level): boolean {
  const { width, height, hole } = level;
  let deepest = 0;
  for (const d of distanceTo(invert({ width, height, data: hole }))) if (d > deepest) deepest = d;
  return deepest <= RADIUS + 1;
}

/** The hole's box with as much around it as it is large itself, and more where that has too few sources. */
function boxAround(bounds: Box, picture: Raster, hole: Mask, sources: Mask): Box {
  let area = 0;
  for (const value of hole.data) area += value;
  for (let share = 0.8; ; share *= 2) {
    const margin = Math.round(Math.max(64, share * Math.max(bounds.width, bounds.height)));
    const left = Math.max(0, bounds.left - margin);
    const top = Math.max(0, bounds.top - margin);
    const right = Math.min(picture.width, bounds.left + bounds.width + margin);
    const bottom = Math.min(picture.height, bounds.top + bounds.height + margin);
    const box = { left, top, width: right - left, height: bottom - top };
    if (box.width === picture.width && box.height === picture.height) return box;
    let found = 0;
    for (let y = top; y < bottom; y++) {
      for (let x = left; x < right; x++) found += sources.data[y * picture.width + x]!;
    }
    if (found >= 2 * area) return box;
  }
}
