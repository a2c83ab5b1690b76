import type { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import type { Method } from '../families/family.js';
import type { Learned } from '../families/learned.js';
import type { Tensor } from '../runtime/session.js';
import { runStage } from './stage.js';
import type { Subject, TrainerState } from './trainer.js';

export interface AssociationOptions {
  /** Micro-steps of the first and second stage; with accumulation A an update comes every A of them. */
  readonly steps: readonly [number, number];
  readonly accumulation: number;
  readonly batch: number;
  readonly learningRates: readonly [number, number];
  /** M */
  readonly tokensPerItem: number;
  readonly method: Method;
  readonly rank: number;
  readonly alpha: number;
  readonly seed: number;
  /** A stage ends where it no longer helps (see probe.ts) rather than after all its steps. */
  readonly stopsEarly: boolean;
}

/** Exactly so many micro-steps of each stage. */
export const exactly = (
  steps: readonly [number, number],
): Pick<AssociationOptions, 'steps' | 'stopsEarly'> => ({
  steps,
  stopsEarly: false,
});

/**
 * The paper's settings (arXiv 2403.04880, section 4.1): 500 micro-steps a stage and an effective batch of 10, here 2 rows
 * and an update every 5 micro-steps. Its code's script for SD has 5 rows (effective 25) and the one for SDXL 2: `--batch 5`
 * asks for the former.
 */
export const PAPER_DEFAULTS: AssociationOptions = {
  steps: [500, 500],
  accumulation: 5,
  batch: 2,
  learningRates: [1e-4, 5e-5],
  tokensPerItem: 5,
  method: 'cross-attention',
  rank: 4,
  alpha: 4,
  seed: 42,
  stopsEarly: true,
};

/** The paper's settings for a method. */
export const defaultsFor = (method: Method): AssociationOptions =>
  method === 'lora'
    ? { ...PAPER_DEFAULTS, method, learningRates: [1e-4, 1e-4] }
    : { ...PAPER_DEFAULTS, method };

export interface Progress {
  readonly stage: 1 | 2;
  /** Micro-steps done, of this stage. */
  readonly step: number;
  readonly of: number;
  readonly loss: number;
}

/** Where an interrupted association stood: enough to go on as if nothing had happened. */
export interface AssociationState {
  readonly stage: 1 | 2;
  readonly step: number;
  /** What the stage started with. */
  readonly learned: Learned;
  readonly trainer: TrainerState;
  /** What the probe told of this stage so far. */
  readonly probed: readonly number[];
  /** Micro-steps of the stages before. */
  readonly taken: number;
}

/** Micro-steps that were taken, of how many there might have been. */
export interface StepsTaken {
  readonly taken: number;
  readonly of: number;
}

export interface Association {
  readonly learned: Learned;
  readonly steps: StepsTaken;
}

export interface AssociationCallbacks {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the signal stops the work, with what resumes it. */
  readonly onInterrupted?: ((state: AssociationState) => void) | undefined;
  readonly resume?: AssociationState | undefined;
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
  }
  return { learned, steps: { taken, of: options.steps[0] + options.steps[1] } };
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
    const { mean, std } = moments(text.vocabulary(encoder));
    const shape = [items * tokensPerItem, width];
    const data = gaussians(shape[0]! * shape[1]!, seed, 0, k).map((g) => mean + std * g);
    newTokens.set(encoder, { shape, data });
  }
  return { items, tokensPerItem, newTokens, weights: new Map(), loraScale: 1 };
}

function moments(values: Float32Array): { mean: number; std: number } {
  let [sum, squares] = [0, 0];
  for (const v of values) {
    sum += v;
    squares += v * v;
  }
  const mean = sum / values.length;
  return { mean, std: Math.sqrt(squares / values.length - mean * mean) };
}
