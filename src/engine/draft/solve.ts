/** Matches for a hole from coarse to fine, matches and guesses in turn on every level (Wexler 2007; Newson 2014). */
import { distanceTo } from '../masks/distance.js';
import { areaOf, invert } from '../masks/mask.js';
import {
  centreNear,
  type Ground,
  halved,
  type Level,
  PATCH,
  type Places,
  placesOf,
  RADIUS,
  roughened,
} from './level.js';
import { type Dice, emptyField, type Field, search } from './patchMatch.js';
import { peel } from './peel.js';
import { smoothStart } from './smoothStart.js';
import { ballotOf, vote } from './vote.js';

/** Up to so many pixels of hole are searched for; at larger sizes the offsets found are applied as they are. */
const SEARCHED = 60_000;
/** …and on sizes of up to so many pixels around it: a long thin hole has few, and a large picture around it. */
const WORKED = 600_000;
/** Up to so many, matches are sought thoroughly. */
const THOROUGH = 25_000;
/** Fewer whole patches than this are no material to work with. */
const MIN_CENTRES = 24;
/** So many first guesses are tried at the coarsest sizes, half of them smooth, half peeled. */
const STARTS = 4;
/** A hole that has more patches at the coarsest size is long and thin: its rim tells what it is, one guess is enough. */
const THIN = 2_000;
/** Depth is measured on levels of up to so many pixels: larger ones are not the coarsest anyway. */
const MEASURED = 400_000;

/** A level that matches are sought on. */
export interface Searched {
  readonly level: Level;
  readonly places: Places;
}

/** From the finest level that is searched to the one on which the hole is about a patch deep. */
export function pyramid(full: Ground): Searched[] {
  const levels: Searched[] = [];
  for (let ground = full; ; ground = halved(ground)) {
    const { width, height, hole } = ground;
    const mask = { width, height, data: hole };
    if (width * height <= WORKED && areaOf(mask) <= SEARCHED) {
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
export function solve(levels: readonly Searched[], dice: Dice, quick: boolean): Field {
  const coarsest = levels.length - 1;
  const chosen = Math.max(0, coarsest - 1);
  const tried = levels.slice(chosen);
  let best: { error: number; field: Field; guesses: Pick<Level, 'colour' | 'rough'>[] } | undefined;
  const { level, places } = levels[coarsest]!;
  const starts = isThin(places) ? 1 : quick ? 2 : STARTS;
  for (let start = 0; start < starts; start++) {
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

const isThin = ({ targets }: Places): boolean => targets.length > THIN;

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
  const ballot = ballotOf(level);
  const field = first ? from : doubled(from, levels[k + 1]!.level, levels[k]!, dice);
  if (!first) vote(level, places, field, ballot);
  const thorough = !quick && places.targets.length <= THOROUGH;
  const reach = Math.max(level.width, level.height) >> (first ? 0 : 2);
  const alone = first && !quick && !isThin(places); // nothing coarser has told where things are
  const rounds = alone ? 10 : first || thorough ? 4 : 2;
  const passes = alone ? 4 : first || thorough ? 2 : 1;
  for (let round = 0; round < rounds; round++) {
    search(level, places, field, dice, { passes, reach });
    const sharp = k <= 1 && !first && round > 0;
    if (vote(level, places, field, ballot, sharp) < 0.01) break;
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
