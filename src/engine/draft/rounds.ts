/** Matches and guesses in turn on one level (Wexler 2007). */
import { boxSums, centreNear, RADIUS } from './level.js';
import type { Dice } from './patchMatch.js';
import type { Stage } from './stage.js';
import type { InParts } from './threads/inTurn.js';
import { spreadOf } from './vote.js';

/** Up to so many, matches are sought thoroughly. */
const THOROUGH = 25_000;
/** Where a smaller share of the hole's pixels changes, it is as good as done. */
const STILL = 0.01;

/** What all levels are worked out with. */
export interface Means {
  readonly dice: Dice;
  readonly inParts: InParts;
  /** The hole's rim tells what it is. */
  readonly thin: boolean;
  /** Half as thorough: for measuring, not for showing. */
  readonly quick: boolean;
}

/**
 * Matches and guesses in turn on a level; those of the coarsest one begin with what is there, of another with the coarser
 * one's. The finest two levels end with guesses that copy one patch each: means of patches are smoother than any source.
 *
 * @param coarser none for the coarsest
 * @param finer so many sizes are finer
 */
export function refine(stage: Stage, coarser: Stage | undefined, finer: number, means: Means): void {
  const { dice, inParts, thin, quick } = means;
  const { level, places } = stage;
  let roughness = 0;
  if (coarser) {
    double(coarser, stage, dice);
    vote(stage, inParts);
    roughness = roughnessOfHole(stage);
  }
  const thorough = !coarser || (!quick && places.targets.length <= THOROUGH);
  const reach = Math.max(level.width, level.height) >> (coarser ? 2 : 0);
  const alone = !coarser && !quick && !thin; // nothing coarser has told where things are
  const rounds = alone ? 10 : thorough ? 4 : 2;
  const passes = alone ? 4 : thorough ? 2 : 1;
  for (let round = 0; round < rounds; round++) {
    search(stage, { passes, reach }, means);
    const sharp = finer <= 1 && coarser !== undefined && round > 0;
    const changed = vote(stage, inParts, sharp);
    if (coarser) keepRough(stage, roughness);
    if (changed < STILL) break;
  }
  if (finer === 0 && coarser) search(stage, { passes: 1, reach }, means);
}

/** Improves the field by what is guessed now. */
export function search(
  stage: Stage,
  { passes, reach }: { passes: number; reach: number },
  { dice, inParts }: Means,
): void {
  stage.before.set(stage.field.match);
  inParts({ kind: 'search', task: { stage, seed: dice.next(), passes, reach } }, stage.strips);
}

/**
 * Writes what the patches say into the level's hole: their mean, or, for `sharp` pictures, what the one of most weight
 * says.
 *
 * @returns the share of its pixels that changed
 */
function vote(stage: Stage, inParts: InParts, sharp = false): number {
  const { level, places, ballot, strips, changed } = stage;
  inParts({ kind: 'weigh', task: { stage, spread: spreadOf(stage) } }, strips);
  // where all patches over a pixel come from the same place, they say the same
  boxSums(ballot.agrees, level.width, level.height, ballot.agreeing);
  inParts({ kind: 'tell', task: { stage, sharp } }, strips);
  return changed.reduce((sum, count) => sum + count, 0) / Math.max(1, places.holes.length);
}

/** Over all of the level's hole, as guessed now. */
function roughnessOfHole({ level: { rough }, places: { holes } }: Stage): number {
  let sum = 0;
  for (const p of holes) sum += rough[p * 2]! + rough[p * 2 + 1]!;
  return sum;
}

/**
 * Scales the guessed roughness so that the hole's is at least what it was before the level's rounds. The nearest match of a
 * random texture is a smoother one (least squares regress towards the mean), and what is guessed from it has a smoother
 * match again: from round to round a hole would lose its texture.
 */
function keepRough(stage: Stage, before: number): void {
  const gain = before / roughnessOfHole(stage);
  if (!(gain > 1 && gain < Number.POSITIVE_INFINITY)) return;
  const { level, places } = stage;
  for (const p of places.holes) {
    level.rough[p * 2]! *= gain;
    level.rough[p * 2 + 1]! *= gain;
  }
}

/** The coarse field at twice the size: four pixels share a match, each with its own part of it. */
function double({ level: coarse, field }: Stage, fine: Stage, dice: Dice): void {
  const { targets, centres, whole } = fine.places;
  const { width, height } = fine.level;
  const { match, cost } = fine.field;
  for (const a of targets) {
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
      if (bx >= RADIUS && by >= RADIUS && bx < width - RADIUS && by < height - RADIUS) b = by * width + bx;
    }
    cost[a] = field.cost[at]!; // until it is measured anew, as good as it was
    match[a] = b >= 0 && whole[b] ? b : centres[dice.below(centres.length)]!;
  }
}
