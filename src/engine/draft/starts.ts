/** First guesses at the coarsest sizes, of which the one that fits its sources best is gone on with. */
import { Dice } from './patchMatch.js';
import { peel } from './peel.js';
import { type Means, refine, search } from './rounds.js';
import { smoothStart } from './smoothStart.js';
import type { Stage } from './stage.js';
import { inTurn } from './threads/inTurn.js';

/** Several starts; arrays are shared by all threads. */
export interface Starts {
  /** For each start its own stages of the coarsest two sizes (or of the only one), the coarsest last. */
  readonly tried: readonly (readonly Stage[])[];
  /** So many sizes are finer than theirs. */
  readonly finer: number;
  /** Who begins with the rim, not with the smoothest surface: every other start from this one on. */
  readonly peeled: 0 | 1;
  readonly seed: number;
  readonly thin: boolean;
  readonly quick: boolean;
  /** For each start the mean cost of its matches against what it guessed. */
  readonly errors: Float32Array;
}

/** Works one start out. */
export function start(starts: Starts, n: number, inParts = inTurn): void {
  const { tried, finer, peeled, seed, thin, quick, errors } = starts;
  const stages = tried[n]!;
  const means = { dice: new Dice(seed + n), inParts, thin, quick };
  (n % 2 === peeled ? peel : smoothStart)(stages.at(-1)!, means.dice);
  for (let k = stages.length - 1; k >= 0; k--) refine(stages[k]!, stages[k + 1], finer + k, means);
  errors[n] = errorOf(stages[0]!, means);
}

/** The mean cost of the field against what is guessed now. */
function errorOf(stage: Stage, means: Means): number {
  search(stage, { passes: 1, reach: 1 }, means);
  const { targets } = stage.places;
  return targets.reduce((sum, a) => sum + stage.field.cost[a]!, 0) / targets.length;
}
