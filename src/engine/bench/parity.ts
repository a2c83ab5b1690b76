import { openCheckpoint } from '../checkpoint/open.js';
import { writeSafetensors } from '../checkpoint/safetensors.js';
import { Pipeline } from '../diffusion/pipeline.js';
import { newTokensInput, placeholder } from '../diffusion/prompts.js';
import { gaussians } from '../diffusion/random.js';
import { freshTokens } from '../finetune/associate.js';
import { PAPER_DEFAULTS } from '../finetune/options.js';
import { stepShape, type TrainerOptions } from '../finetune/lesson.js';
import { LOSS_SCALE } from '../finetune/lossScale.js';
import { type Stage, startValues, trainables } from '../finetune/trainables.js';
import { slot, stepGraph } from '../finetune/trainingGraphs.js';
import type { Graph, GraphOptions } from '../graph/graph.js';
import type { Tensor } from '../runtime/session.js';
import { FRUGAL, type Thrift } from '../runtime/thrift.js';
import { type BenchOptions, ITEMS, squares } from './cases.js';
import { type Lap, measured, peakMegabytes } from './measure.js';

/** What bench/parity.py compares. */
export const PARITY_CASES = [
  'text',
  'denoiser',
  'encode',
  'decode',
  'gradients',
  'token gradients',
  'lora gradients',
] as const;
export type ParityCase = (typeof PARITY_CASES)[number];

type Tensors = Readonly<Record<string, Tensor>>;

/** What went into one run, what came out, and what it took. */
interface Ran {
  readonly into: Tensors;
  readonly out: Tensors;
  readonly took: Lap & { readonly peakMB: number };
}

/** Latent cells a side at which gradients are compared: SDXL's own 128 do not fit beside PyTorch. */
const MOST_CELLS = 64;
const TIMESTEP = 500;

/**
 * Runs one model of a checkpoint once and writes what went in and what came out: `in.NAME`, `out.NAME`, all as float32.
 * @returns what that one run took
 */
export async function parityCase(
  dir: string,
  name: ParityCase,
  { threads, device, precision, cells }: Pick<BenchOptions, 'threads' | 'device' | 'precision' | 'cells'>,
  file: string,
): Promise<Ran['took']> {
  const pipeline = new Pipeline(openCheckpoint(dir, { precision }), device, threads);
  const { into, out, took } = await CASES[name](pipeline, cells ?? pipeline.family.denoiser.nativeCells);
  const tensors = [
    ...Object.entries(into).map(([key, t]) => [`in.${key}`, t] as const),
    ...Object.entries(out).map(([key, t]) => [`out.${key}`, t] as const),
  ].map(([key, { shape, data }]) => [key, { shape, data: Float32Array.from(data as Float32Array) }] as const);
  writeSafetensors(file, Object.fromEntries(tensors), { format: 'pt' });
  return took;
}

const CASES: Record<ParityCase, (pipeline: Pipeline, side: number) => Promise<Ran>> = {
  text: async (pipeline) => {
    const into = pipeline.prompts.feeds(WORDS);
    return ran(pipeline, into, (options) => pipeline.prompts.graph(ITEMS, 0, options));
  },
  denoiser: async (pipeline, side) => {
    const { channels } = pipeline.family.denoiser;
    const shape = [1, channels, side, side];
    const into = {
      ...(await condition(pipeline)),
      ...groups(pipeline, side),
      ...{ sample: random(shape, 2), timestep: { shape: [1], data: Float32Array.of(TIMESTEP) } },
    };
    const tokens = ITEMS * pipeline.promptLength;
    const found = await ran(pipeline, into, (options) =>
      pipeline.predictorGraph(shape, tokens, undefined, options),
    );
    return { ...found, out: { prediction: found.out.prediction! } };
  },
  encode: async (pipeline, side) => {
    const pixels = random([1, 3, side * pipeline.factor, side * pipeline.factor], 5);
    // a picture's range
    const into = { pixels: { ...pixels, data: (pixels.data as Float32Array).map(Math.tanh) } };
    return ran(pipeline, into, (options) => pipeline.pictures.graph('encoder', side, side, options));
  },
  decode: async (pipeline, side) => {
    const { channels } = pipeline.family.denoiser;
    const into = { latents: random([1, channels, side, side], 6) };
    return ran(pipeline, into, (options) => pipeline.pictures.graph('decoder', side, side, options));
  },
  gradients: (pipeline, side) => gradients(pipeline, side, 'cross-attention'),
  'token gradients': (pipeline, side) => gradients(pipeline, side, 'tokens'),
  'lora gradients': (pipeline, side) => gradients(pipeline, side, 'lora'),
};

const WORDS = Array.from({ length: ITEMS }, (_, i) => `thing ${i}`);

const random = (shape: readonly number[], seed: number): Tensor => ({
  shape,
  data: gaussians(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ),
});

/** LoRA's update starts at nothing, and half of its gradients with it. */
const someUpdate = (shape: readonly number[], seed: number): Tensor => {
  const { data } = random(shape, seed);
  return { shape, data: (data as Float32Array).map((g) => 0.02 * g) };
};

const groups = (pipeline: Pipeline, side: number): Tensors =>
  pipeline.groups([squares(pipeline, side)], { height: side, width: side }, ITEMS);

/** The prompts as the denoiser hears them. */
async function condition(pipeline: Pipeline): Promise<Tensors> {
  const encoded = await pipeline.encodePrompts(WORDS);
  await pipeline.sessions.clear();
  return pipeline.family.text.joinedFeeds([encoded]);
}

/** Of the loss of one noised picture, blocks computed again: that this changes nothing is a test of its own. */
async function gradients(pipeline: Pipeline, native: number, stage: Stage): Promise<Ran> {
  const { family } = pipeline;
  const { channels } = family.denoiser;
  const side = Math.min(native, MOST_CELLS);
  const latents = random([1, channels, side, side], 3);
  const options: TrainerOptions = {
    ...{ ...PAPER_DEFAULTS, stage, batch: 1, microBatch: 1, recompute: true },
    ...{ accumulation: 1, learningRate: 0 },
  };
  const learned = freshTokens(pipeline, ITEMS, PAPER_DEFAULTS);
  const shape = stepShape(pipeline, { latents, items: ITEMS }, learned, options);
  const starts = startValues(family, { ...shape, seed: options.seed }, learned);
  const values = trainables(family, shape).map(({ name, start, shape: own }, k): [string, Tensor] => [
    name,
    start.kind === 'lora-b' ? someUpdate(own, 100 + k) : starts.get(name)!,
  ]);
  const named = (name: string): string => (stage === 'tokens' ? newTokensInput(name) : slot('value', name));
  const words = WORDS.map((_, i) => placeholder(i));
  const into = {
    ...(stage === 'tokens' ? pipeline.prompts.feeds(words, learned) : await condition(pipeline)),
    ...groups(pipeline, side),
    ...{ sample: latents, timestep: { shape: [1], data: Float32Array.of(TIMESTEP) } },
    target: random(latents.shape, 4),
    [LOSS_SCALE]: { shape: [], data: Float32Array.of(1) },
    ...Object.fromEntries(values.map(([name, value]) => [named(name), value])),
  };
  const found = await ran(
    pipeline,
    into,
    (graph) => stepGraph(family, shape, { ...graph, recompute: true }),
    () => FRUGAL,
  );
  const out = trainables(family, shape).map(
    ({ name }) => [name, found.out[slot('gradient', name)]!] as const,
  );
  // cross-attention starts at the checkpoint's own weights, which PyTorch has
  const given = Object.entries(found.into).filter(
    ([name]) => stage !== 'cross-attention' || !name.startsWith(slot('value', '')),
  );
  const outputs = { ...Object.fromEntries(out), loss: found.out.loss! };
  return { into: Object.fromEntries(given), out: outputs, took: found.took };
}

async function ran(
  { sessions }: Pipeline,
  into: Tensors,
  build: (options: GraphOptions) => Graph,
  thrift?: () => Thrift,
): Promise<Ran> {
  const session = await sessions.compile(build, thrift);
  const { result: out, lap } = await measured(() => session.run(into));
  const took = { ...lap, peakMB: peakMegabytes() };
  await session.release();
  return { into, out, took };
}
