/** Matches for a hole from coarse to fine (Wexler 2007; Newson 2014). */
import { distanceTo } from '../masks/distance.js';
import { areaOf, invert } from '../masks/mask.js';
import { type Ground, halved, PATCH, placesOf, RADIUS, roughened } from './level.js';
import { offsetCosts } from './offsetCosts.js';
import { Dice } from './patchMatch.js';
import { refine } from './rounds.js';
import { type Searched, stageOf } from './stage.js';
import { start } from './starts.js';
import type { InParts } from './threads/inTurn.js';
import type { Job } from './threads/jobs.js';
import { SharedMemory } from './threads/memory.js';

/** Up to so many pixels of hole are searched for; at larger sizes the offsets found are applied as they are. */
const SEARCHED = 60_000;
/** …and on sizes of up to so many pixels around it: a long thin hole has few, and a large picture around it. */
const WORKED = 600_000;
/** Fewer whole patches than this are no material to work with. */
const MIN_CENTRES = 24;
/** So many first guesses are tried at the coarsest sizes, half of them smooth, half peeled. */
const STARTS = 4;
/** A hole that has more patches at the coarsest size is long and thin. */
const THIN = 2_000;
/** At the coarsest size a hole is at most so deep, about half a patch. */
const SHALLOW = RADIUS + 1;
/**
 * Up to so deep on the finest size that is searched a hole is a strip, and two guesses do as well as four: on 108 of 6 to 16
 * pixels across nine photographs tone was 6.36 of 255 off with either.
 */
const STRIP = 2 * SHALLOW;
/** A level of more pixels is not the coarsest, however thin its hole. */
const LARGE = 400_000;

/** From the finest level that is searched to the one on which the hole is about a patch deep. */
export function pyramid(full: Ground): Searched[] {
  const levels: Searched[] = [];
  for (let ground = full; ; ground = halved(ground)) {
    const { width, height, hole } = ground;
    const mask = { width, height, data: hole };
    let deepest = Number.POSITIVE_INFINITY;
    if (width * height <= WORKED && areaOf(mask) <= SEARCHED) {
      const places = placesOf(ground);
      if (places.centres.length < MIN_CENTRES) break;
      const depth = distanceTo(invert(mask));
      deepest = depth.reduce((most, value) => Math.max(most, value), 0);
      const level = roughened(ground, levels.at(-1)?.level);
      // a sliver's rim tells what it is
      const sliver = levels.length === 0 && deepest <= SHALLOW;
      const costs = sliver ? new Float32Array(0) : offsetCosts(level, places);
      levels.push({ level, places, offsetCosts: costs, depth, deepest });
    }
    if (Math.min(width, height) < 4 * PATCH) break;
    if (width * height <= LARGE && deepest <= SHALLOW) break;
  }
  return levels;
}

/** One for all: completions come one after the other, each from its start to its end. */
const memory = new SharedMemory();

/**
 * From the coarsest level to the finest.
 *
 * @returns the matches on the finest level, -1 where there are none
 */
export function solve(
  levels: readonly Searched[],
  { seed, quick, inParts }: { seed: number; quick: boolean; inParts: InParts<Job> },
): Int32Array {
  memory.reuse();
  const stagesOf = (some: readonly Searched[]) => some.map((searched) => stageOf(searched, memory));
  const finer = Math.max(0, levels.length - 2);
  const { places, deepest } = levels.at(-1)!;
  // where a hole is thin its rim tells what it is: one guess is enough
  const sliver = levels.length === 1 && deepest <= SHALLOW;
  const thin = sliver || places.targets.length > THIN;
  const starts = thin ? 1 : quick || levels[0]!.deepest <= STRIP ? 2 : STARTS;
  const tried = Array.from({ length: starts }, () => stagesOf(levels.slice(finer)));
  const errors = memory.take(Float32Array, starts);
  const task = { tried, finer, peeled: sliver ? 0 : 1, seed, thin, quick, errors } as const;
  if (starts > 1) inParts({ kind: 'start', task }, starts);
  else start(task, 0, inParts);
  const stages = [...stagesOf(levels.slice(0, finer)), ...tried[errors.indexOf(Math.min(...errors))]!];
  const means = { dice: new Dice(seed + starts), inParts, thin, quick };
  for (let k = finer - 1; k >= 0; k--) refine(stages[k]!, stages[k + 1], k, means);
  return stages[0]!.field.match.slice();
}
