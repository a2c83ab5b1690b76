import type { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import type { Learned } from '../families/learned.js';
import type { Tensor } from '../runtime/session.js';
import type { Subject } from './lesson.js';
import type { AssociationCallbacks, AssociationOptions, StepsTaken } from './options.js';
import { runStage } from './stage.js';

export interface Association {
  readonly learned: Learned;
  readonly steps: StepsTaken;
}

/**
 * Learns a prompt for each item of one or several pictures in D-Edit's two steps (arXiv 2403.04880, section 3.3): first the new
 * tokens' embeddings, then the denoiser's cross-attention (or LoRA) while the tokens stay as they are. Several pictures
 * take turns, so that the gradient of an update is drawn from all of them; an item's cells listen to its tokens alone, so
 * a picture's own prompts are all that its rows need.
 * @param from what was learned of the first items before: the others' tokens are new
 * @throws the signal's reason when aborted between micro-steps, after onInterrupted
 */
export async function associate(
  pipeline: Pipeline,
  subjects: readonly Pick<Subject, 'latents' | 'labels' | 'items'>[],
  options: AssociationOptions,
  callbacks: AssociationCallbacks = {},
  from?: Learned,
): Promise<Association> {
  const { resume } = callbacks;
  const among = subjects.reduce((sum, { items }) => sum + items, 0);
  let first = 0;
  const together = subjects.map((subject): Subject => {
    const placed = { ...subject, first, among };
    first += subject.items;
    return placed;
  });
  let learned = resume?.learned ?? continued(freshTokens(pipeline, among, options), from);
  let taken = resume?.taken ?? 0;
  for (const stage of [1, 2] as const) {
    if (resume && resume.stage > stage) continue;
    const done = await runStage(pipeline, together, options, callbacks, { stage, learned, taken });
    learned = done.learned;
    taken += done.taken;
    if (stage === 1) callbacks.onTokens?.(learned);
  }
  return { learned, steps: { taken, of: (options.steps[0] + options.steps[1]) * subjects.length } };
}

/** What was learned before, and new tokens for the items after its own. */
function continued(fresh: Learned, before: Learned | undefined): Learned {
  if (!before) return fresh;
  if (before.tokensPerItem !== fresh.tokensPerItem)
    throw new Error(`${before.tokensPerItem} tokens an item were learned, not ${fresh.tokensPerItem}`);
  const newTokens = new Map(
    [...fresh.newTokens].map(([encoder, { shape, data }]) => {
      const rows = Float32Array.from(data as Float32Array);
      rows.set(before.newTokens.get(encoder)!.data as Float32Array);
      return [encoder, { shape, data: rows }] as const;
    }),
  );
  return { ...fresh, newTokens, weights: before.weights, loraScale: before.loraScale };
}

/** M rows an item, Gaussian with the mean and standard deviation of the vocabulary's rows. */
export function freshTokens(
  pipeline: Pipeline,
  items: number,
  { tokensPerItem, seed }: AssociationOptions,
): Learned {
  const newTokens = new Map<string, Tensor>();
  const { text } = pipeline.family;
  for (const [k, [encoder, width]] of [...text.widths].entries()) {
    const { mean, std } = text.tokenMoments(encoder);
    const shape = [items * tokensPerItem, width];
    const data = gaussians(shape[0]! * shape[1]!, seed, 0, k).map((g) => mean + std * g);
    newTokens.set(encoder, { shape, data });
  }
  return { items, tokensPerItem, newTokens, weights: new Map(), loraScale: 1 };
}
