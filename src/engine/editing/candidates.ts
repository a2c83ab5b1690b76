/**
 * Several candidates for one drawing, of which the one is kept that looks most like what was asked for: reranking, as DALL-E
 * has its samples reranked by CLIP (Ramesh et al. 2021, section 2.4). Candidates are drawn one after another, and the
 * first that is recognised ends it: what is right at once costs nothing more.
 */
import { integers } from '../diffusion/random.js';
import { UserError } from '../errors.js';
import type { EditCallbacks } from './settings.js';

/** What a judge makes of a drawing. */
export interface Verdict {
  /** It is what was asked for. */
  readonly recognised: boolean;
  /** How much it looks like that; more is better, the scale is the judge's own. */
  readonly likeness: number;
}

/** Draws once a seed, in one batch. */
export type Draw<T> = (seeds: readonly number[], callbacks: EditCallbacks) => Promise<T[]>;

/** Seeds of further candidates come from their own stream of the first one. */
const CANDIDATE_STREAM = 31;

/** The seed of the k-th candidate: the edit's own, and others that follow from it. */
const candidateSeed = (seed: number, k: number): number =>
  k === 0 ? seed : integers(1, 2 ** 31, seed, CANDIDATE_STREAM, k)[0]!;

interface Candidate<T> extends Verdict {
  readonly drawing: T;
  readonly blurred: boolean;
}

/**
 * A drawing a seed. All first candidates are drawn in one batch; further ones each alone, so that none needs more memory
 * than an edit, and an edit gives the same picture alone and among variants.
 * @param judge without one, the first candidates are kept
 * @param tries so many candidates a seed at most
 * @throws the signal's reason when aborted between steps or candidates
 */
export async function likeliest<T>(
  draw: Draw<T>,
  judge: ((drawing: T) => Promise<Verdict>) | undefined,
  seeds: readonly number[],
  tries: number,
  callbacks: EditCallbacks,
): Promise<T[]> {
  if (!judge || tries <= 1) return await draw(seeds, callbacks);
  let before = 0;
  const drawn = async (some: readonly number[]): Promise<Candidate<T>[]> => {
    callbacks.signal?.throwIfAborted();
    const blurred = new Set<number>();
    let steps = 0;
    const drawings = await draw(some, {
      ...callbacks,
      // as many steps as are known to be needed
      onStep: (done, of) => callbacks.onStep?.(before + done, before + (steps = of)),
      onBlurred: (which) => void blurred.add(which),
    });
    before += steps;
    const candidates: Candidate<T>[] = [];
    for (const [i, drawing] of drawings.entries())
      candidates.push({ drawing, blurred: blurred.has(i), ...(await judge(drawing)) });
    return candidates;
  };
  const kept = await drawn(seeds);
  for (const [i, seed] of seeds.entries()) {
    for (let k = 1; k < tries && !kept[i]!.recognised; k++) {
      const next = await unlessHeldBack(async () => (await drawn([candidateSeed(seed, k)]))[0]!);
      if (next && (next.recognised || next.likeness > kept[i]!.likeness)) kept[i] = next;
    }
    if (kept[i]!.blurred) callbacks.onBlurred?.(i);
  }
  return kept.map(({ drawing }) => drawing);
}

/** A candidate that the checkpoint's safety checker holds back is none; what was drawn at first may still be shown. */
async function unlessHeldBack<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
