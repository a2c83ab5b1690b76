import { groupInputs } from '../diffusion/groups.js';
import { type Pipeline, placeholder } from '../diffusion/pipeline.js';
import { gaussians, integers } from '../diffusion/random.js';
import { NoiseSchedule } from '../diffusion/schedule.js';
import type { LabelMap } from '../raster.js';
import type { Tensor } from '../runtime/session.js';
import { SLOTS, slotName } from './adamw.js';
import type { Learned } from './learned.js';
import {
  newTokensName,
  type Stage,
  type StepShape,
  type TrainableModel,
  trainables,
  trainingStep,
} from './trainingStep.js';

export interface AssociationOptions {
  /** Micro-steps of the first and second stage; with accumulation A an update comes every A of them. */
  readonly steps: readonly [number, number];
  readonly accumulation: number;
  readonly batch: number;
  readonly learningRates: readonly [number, number];
  /** M */
  readonly tokensPerItem: number;
  readonly method: 'cross-attention' | 'lora';
  readonly rank: number;
  readonly alpha: number;
  readonly seed: number;
}

/** The paper's settings (section 4.1 and its code's README): 500 micro-steps a stage, five of them an update. */
export const PAPER_DEFAULTS: AssociationOptions = {
  steps: [500, 500],
  accumulation: 5,
  batch: 5,
  learningRates: [1e-4, 5e-5],
  tokensPerItem: 5,
  method: 'cross-attention',
  rank: 4,
  alpha: 4,
  seed: 42,
};

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
  readonly learned: Learned;
  /** AdamW's slots by graph input name. */
  readonly optimiser: ReadonlyMap<string, Tensor>;
}

export interface Subject {
  /** [1, C, h, w] of the picture, at the model's resolution. */
  readonly latents: Tensor;
  readonly labels: LabelMap;
  readonly items: number;
}

export interface AssociationCallbacks {
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the signal stops the work, with what resumes it. */
  readonly onInterrupted?: ((state: AssociationState) => void) | undefined;
  readonly resume?: AssociationState | undefined;
}

/**
 * Learns a prompt for each item of a picture in D-Edit's two steps (arXiv 2403.04880, section 3.3): first the new
 * tokens' embeddings, then the UNet's cross-attention (or LoRA) while the tokens stay as they are.
 * @throws the signal's reason when aborted between micro-steps, after onInterrupted
 */
export async function associate(
  pipeline: Pipeline,
  subject: Subject,
  options: AssociationOptions,
  callbacks: AssociationCallbacks = {},
): Promise<Learned> {
  const { resume } = callbacks;
  let learned = resume?.learned ?? freshTokens(pipeline, subject.items, options);
  for (const stage of [1, 2] as const) {
    if (resume && resume.stage > stage) continue;
    const from = resume?.stage === stage ? resume : undefined;
    learned = await runStage(pipeline, subject, options, callbacks, stage, learned, from);
  }
  return learned;
}

/** M rows an item, Gaussian with the mean and standard deviation of the vocabulary's rows. */
export function freshTokens(
  pipeline: Pipeline,
  items: number,
  { tokensPerItem, seed }: AssociationOptions,
): Learned {
  const newTokens = new Map<string, Tensor>();
  for (const [k, { name, config, weights }] of pipeline.checkpoint.textEncoders.entries()) {
    const prefix = weights.has('text_model.embeddings.token_embedding.weight') ? 'text_model.' : '';
    const { mean, std } = moments(weights.read(`${prefix}embeddings.token_embedding.weight`));
    const shape = [items * tokensPerItem, config.hidden_size];
    const data = gaussians(shape[0]! * shape[1]!, seed, 0, k).map((g) => mean + std * g);
    newTokens.set(name, { shape, data });
  }
  return { items, tokensPerItem, newTokens, unet: new Map(), loraScale: 1 };
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

async function runStage(
  pipeline: Pipeline,
  { latents, labels, items }: Subject,
  options: AssociationOptions,
  { onProgress, onInterrupted, signal }: AssociationCallbacks,
  stage: 1 | 2,
  learned: Learned,
  resume: AssociationState | undefined,
): Promise<Learned> {
  const { accumulation, batch, seed, rank, alpha, method } = options;
  const steps = options.steps[stage - 1]!;
  const { checkpoint, promptLength } = pipeline;
  const [, channels, height, width] = latents.shape as [number, number, number, number];
  const kind: Stage = stage === 1 ? 'tokens' : method;
  const model: TrainableModel = {
    textEncoders: checkpoint.textEncoders,
    unet: checkpoint.unet,
    unetNames: checkpoint.unet.weights.names(),
  };
  const shape: StepShape = {
    stage: kind,
    batch,
    height,
    width,
    prompts: items,
    length: promptLength,
    newTokens: items * learned.tokensPerItem,
    accumulation,
    rank,
    alpha,
  };
  const state = resume ? new Map(resume.optimiser) : startState(pipeline, model, shape, learned, seed);
  const result = (): Learned => stageResult(state, shape, learned);
  if (steps === 0) return result();

  const key = `train ${JSON.stringify(shape)}`;
  const session = await pipeline.sessions.get(key, () => trainingStep(model, shape));
  const schedule = new NoiseSchedule(checkpoint.scheduler);
  const prompts = Array.from({ length: items }, (_, i) => placeholder(i));
  const constant: Record<string, Tensor> = {
    ...groupInputs(Array(batch).fill(labels), {
      height,
      width,
      levels: checkpoint.unet.config.block_out_channels.length,
      prompts: items,
      length: promptLength,
    }),
    ...(kind === 'tokens'
      ? pipeline.promptFeeds(prompts, learned)
      : await textFeeds(pipeline, prompts, learned)),
    ...(checkpoint.unet.config.addition_embed_type
      ? { time_ids: pipeline.timeIds(batch, height, width) }
      : {}),
    learning_rate: scalar(options.learningRates[stage - 1]!),
  };
  const x0 = latents.data as Float32Array;
  const size = [batch, channels, height, width];

  try {
    for (let step = resume?.step ?? 0; step < steps; step++) {
      signal?.throwIfAborted();
      const timesteps = integers(batch, checkpoint.scheduler.num_train_timesteps, seed, stage, step, 1);
      const sample = new Float32Array(batch * x0.length);
      const target = new Float32Array(sample.length);
      for (const [row, t] of timesteps.entries()) {
        const noise = gaussians(x0.length, seed, stage, step, 2 + row);
        sample.set(schedule.addNoise(x0, noise, t), row * x0.length);
        target.set(schedule.target(x0, noise, t), row * x0.length);
      }
      const last = step + 1 === steps;
      const apply = (step + 1) % accumulation === 0 || last;
      const outputs = await session.run({
        ...constant,
        ...Object.fromEntries(state),
        sample: { shape: size, data: sample },
        target: { shape: size, data: target },
        timestep: { shape: [batch], data: Float32Array.from(timesteps) },
        apply: scalar(apply ? 1 : 0),
        update: scalar(Math.floor(step / accumulation) + 1),
      });
      for (const name of state.keys()) state.set(name, outputs[`${name}'`]!);
      onProgress?.({ stage, step: step + 1, of: steps, loss: outputs.loss!.data[0]! });
      // one breath a step: `run` blocks the thread, and a cancellation arrives as an event
      await new Promise((resolve) => setImmediate(resolve));
      if (signal?.aborted)
        onInterrupted?.({ stage, step: step + 1, learned: result(), optimiser: new Map(state) });
    }
  } finally {
    await pipeline.sessions.drop(key);
  }
  return result();
}

/** What each trainable starts from, and AdamW's zeros. */
function startState(
  { checkpoint }: Pipeline,
  model: TrainableModel,
  shape: StepShape,
  learned: Learned,
  seed: number,
): Map<string, Tensor> {
  const state = new Map<string, Tensor>();
  for (const [k, { name, shape: size, start }] of trainables(model, shape).entries()) {
    const count = size.reduce((a, b) => a * b, 1);
    const values = (): Float32Array => {
      if (start === 'checkpoint') return checkpoint.unet.weights.read(name);
      // PEFT's start: A Gaussian with deviation 1/rank, B zero, so that the update starts at nothing
      if (start === 'lora-a') return gaussians(count, seed, 3, k).map((g) => g / shape.rank);
      if (start === 'lora-b') return new Float32Array(count);
      return learned.newTokens.get(name.slice(newTokensName('').length))!.data as Float32Array;
    };
    for (const slot of SLOTS) {
      const data = slot === 'value' ? values() : new Float32Array(count);
      state.set(slotName(name, slot), { shape: size, data });
    }
  }
  return state;
}

function stageResult(state: ReadonlyMap<string, Tensor>, shape: StepShape, learned: Learned): Learned {
  const prefix = slotName('', 'value');
  const values = [...state].filter(([name]) => name.startsWith(prefix));
  const named = values.map(([name, tensor]) => [name.slice(prefix.length), tensor] as const);
  if (shape.stage === 'tokens') {
    return {
      ...learned,
      newTokens: new Map(named.map(([name, t]) => [name.slice(newTokensName('').length), t])),
    };
  }
  return { ...learned, unet: new Map(named), loraScale: shape.alpha / shape.rank };
}

/** The prompts' hidden states, which the second stage does not change. */
async function textFeeds(
  pipeline: Pipeline,
  prompts: readonly string[],
  learned: Learned,
): Promise<Record<string, Tensor>> {
  const { hidden, pooled } = await pipeline.encodePrompts(prompts, learned);
  const [k, l, d] = hidden.shape as [number, number, number];
  const feeds: Record<string, Tensor> = {
    encoder_hidden_states: { shape: [1, k * l, d], data: hidden.data },
  };
  if (pooled) feeds.text_embeds = meanRow(pooled);
  return feeds;
}

/** [K, P] -> [1, P] */
export function meanRow({ shape, data }: Tensor): Tensor {
  const [rows, width] = shape as [number, number];
  const mean = new Float32Array(width);
  for (let i = 0; i < data.length; i++) mean[i % width]! += (data[i] as number) / rows;
  return { shape: [1, width], data: mean };
}

const scalar = (x: number): Tensor => ({ shape: [], data: Float32Array.of(x) });
