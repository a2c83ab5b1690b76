import { openCheckpoint } from '../checkpoint/open.js';
import { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import { sample } from '../diffusion/sample.js';
import { makeSampler } from '../diffusion/samplers/index.js';
import { scheduleOf } from '../diffusion/schedules/index.js';
import { Editor } from '../editor.js';
import { UserError } from '../errors.js';
import { freshTokens } from '../finetune/associate.js';
import { PAPER_DEFAULTS } from '../finetune/options.js';
import { trainingNeed } from '../finetune/plan.js';
import { type Lap, measured } from './measure.js';
import { randomTaesd } from './shapes.js';
import type { Stage } from '../finetune/trainables.js';
import { Trainer } from '../finetune/trainer.js';
import { footprint } from '../graph/footprint.js';
import { type MemoryNeed, shortage } from '../memory.js';
import type { Precision } from '../halves.js';
import type { LabelMap, Raster } from '../raster.js';
import type { Device } from '../runtime/device.js';
import { needOf, needTogether } from '../runtime/room.js';

export const BENCH_CASES = [
  'forward',
  'guided step',
  'tokens',
  'cross-attention',
  'lora',
  'decode',
  'edit',
  'few steps',
] as const;
export type BenchCase = (typeof BENCH_CASES)[number];

/** What computes, and in what. */
export interface BenchPlace {
  readonly device: Device;
  readonly precision: Precision;
}

export interface BenchOptions extends BenchPlace {
  readonly threads: number;
  readonly batch: number;
  /** Runs that are not counted, and those whose median is. */
  readonly warmUp: number;
  readonly runs: number;
  /** Latent cells a side, where it is not those the checkpoint was trained on. */
  readonly cells?: number | undefined;
  /** Blocks computed again for the backward pass. */
  readonly recompute?: boolean | undefined;
  /** Pictures go through the autoencoder in tiles. */
  readonly tiles?: boolean | undefined;
  /** Of sampling, in an edit. */
  readonly steps?: number | undefined;
  /** TAESD in place of the checkpoint's own autoencoder, in an edit. */
  readonly taesd?: boolean | undefined;
  /** Where sessions write what each of their nodes took (see CompileOptions.trace). */
  readonly trace?: string | undefined;
}

/** Prompts of a row. */
export const ITEMS = 4;
/** Of what a guided step is led by. */
const GUIDANCE = 3;
/** Of sampling, in an edit. */
export const STEPS = 20;
/** What a process may hold on a machine of 16 GiB: SDXL's pictures go through the autoencoder in tiles there, SD's at once. */
const TILES_BUDGET = 12 * 2 ** 30;

/** Runs one case in this process. @throws UserError when the machine's free memory does not hold it */
export async function benchLaps(dir: string, name: BenchCase, options: BenchOptions): Promise<Lap[]> {
  const { device, precision, threads, tiles } = options;
  const pipeline = new Pipeline(
    openCheckpoint(dir, { precision }),
    device,
    threads,
    tiles ? TILES_BUDGET : Infinity,
  );
  if (options.trace) pipeline.sessions.traceTo(options.trace);
  if (name === 'few steps') return fewStepsLaps(dir, options);
  if (name === 'edit') return editLaps(dir, options);
  if (name === 'forward' || name === 'guided step') return drawingLaps(pipeline, name, options);
  if (name === 'decode') return decodingLaps(pipeline, options);
  return trainingLaps(pipeline, name, options);
}

/** Items in stripes, a cell of the latents each. */
export function squares({ family }: Pipeline, side = family.denoiser.nativeCells): LabelMap {
  const data = Uint8Array.from({ length: side * side }, (_, i) => i % ITEMS);
  return { width: side, height: side, data };
}

/** The denoiser alone, or a step of sampling with guidance, which asks it for two rows. */
async function drawingLaps(
  pipeline: Pipeline,
  name: 'forward' | 'guided step',
  { batch, warmUp, runs, cells }: BenchOptions,
): Promise<Lap[]> {
  const { channels, nativeCells } = pipeline.family.denoiser;
  const side = cells ?? nativeCells;
  const size = { height: side, width: side };
  const guided = name === 'guided step';
  const rows = guided ? 2 : batch;
  const encoded = await pipeline.encodePrompts(Array.from({ length: ITEMS }, (_, i) => `thing ${i}`));
  // as memory asks: the text encoder is not what is measured
  await pipeline.sessions.clear();
  const graph = pipeline.predictorGraph(
    [rows, channels, side, side],
    ITEMS * pipeline.promptLength,
    undefined,
    {},
  );
  requireMemory(pipeline, needTogether([needOf(footprint(graph))]));
  const denoise = await pipeline.predictor({
    ...size,
    rows: Array.from({ length: rows }, () => encoded),
    groups: pipeline.groups(Array(rows).fill(squares(pipeline, side)), size, ITEMS),
  });
  const x = gaussians(rows * channels * side * side, 2);
  if (!guided) return timed(pipeline, warmUp + runs, () => denoise(x, 500)).finally(() => denoise.release());
  const whole = makeSampler('euler', scheduleOf(pipeline.checkpoint.scheduler), STEPS);
  const sampler = { ...whole, steps: whole.steps.slice(0, 1) };
  const noise = x.subarray(x.length / 2);
  return timed(pipeline, warmUp + runs, () =>
    sample(pipeline, { sampler, denoise, guidanceScale: GUIDANCE, noise, stepNoise: () => noise }),
  ).finally(() => denoise.release());
}

/** Latents into a picture of the size that the checkpoint was trained on: at once, or as the pipeline plans it. */
async function decodingLaps(
  pipeline: Pipeline,
  { tiles, warmUp, runs, cells }: BenchOptions,
): Promise<Lap[]> {
  const { channels, nativeCells } = pipeline.family.denoiser;
  const side = cells ?? nativeCells;
  const latents = { shape: [1, channels, side, side], data: gaussians(channels * side * side, 6) };
  if (tiles) return timed(pipeline, warmUp + runs, () => pipeline.pictures.decode(latents));
  const session = await pipeline.sessions.compile((graph) =>
    pipeline.pictures.graph('decoder', side, side, graph),
  );
  const laps = await timed(pipeline, warmUp + runs, () => session.run({ latents }));
  await session.release();
  return laps;
}

/** Micro-steps as association runs them, an update each. */
async function trainingLaps(
  pipeline: Pipeline,
  stage: Stage,
  { batch, warmUp, runs, cells, recompute = false }: BenchOptions,
): Promise<Lap[]> {
  const { channels, nativeCells } = pipeline.family.denoiser;
  const side = cells ?? nativeCells;
  const latents = { shape: [1, channels, side, side], data: gaussians(channels * side * side, 3) };
  const subject = { latents, labels: squares(pipeline, side), items: ITEMS };
  const options = {
    ...{ ...PAPER_DEFAULTS, stage, batch, microBatch: batch, recompute },
    ...{ accumulation: 1, learningRate: 1e-4 },
  };
  requireMemory(pipeline, trainingNeed(pipeline, subject, options.tokensPerItem, options));
  const learned = freshTokens(pipeline, ITEMS, PAPER_DEFAULTS);
  const trainer = await Trainer.open(pipeline, [subject], learned, options);
  await pipeline.sessions.clear();
  const noise = gaussians(batch * latents.data.length, 4);
  const timesteps = Array.from({ length: batch }, (_, i) => (100 + 300 * i) % 1000);
  const laps = await timed(pipeline, warmUp + runs, () => trainer.step(noise, timesteps, true));
  await trainer.release();
  return laps;
}

async function editLaps(dir: string, options: BenchOptions): Promise<Lap[]> {
  const { warmUp, runs, steps = STEPS, taesd } = options;
  const editor = editorOf(dir, options, taesd);
  const { picture, labels } = nativePicture(editor.pipeline);
  const scene = await editor.segment(picture, labels);
  return timed(editor.pipeline, warmUp + Math.ceil(runs / 3), () =>
    editor.edit(scene, { kind: 'replace', item: 1, prompt: 'a dog' }, { steps, tries: 1 }),
  );
}

/** A picture as large as those the checkpoint was trained on (an edit shows it no other), its items in stripes. */
export function nativePicture({ nativeSide: side, factor }: Pipeline): { picture: Raster; labels: LabelMap } {
  const stripes = Uint8Array.from({ length: side * side }, (_, i) => Math.floor((i % side) / factor) % ITEMS);
  const pixels = Uint8Array.from({ length: 3 * side * side }, (_, i) => (i * 7) % 256);
  const size = { width: side, height: side };
  return { picture: { ...size, data: pixels }, labels: { ...size, data: stripes } };
}

/** A photograph's size, about a megapixel. */
const PHOTOGRAPH = { width: 1152, height: 896 };

/**
 * `replace` of a thing in a megapixel as a host without a GPU does it: as a distilled checkpoint is sampled, any other with
 * LCM's four steps, without guidance, and with TAESD. Random weights are found rough, so that the ground is completed besides, which real ones do not need.
 */
async function fewStepsLaps(dir: string, options: BenchOptions): Promise<Lap[]> {
  const editor = editorOf(dir, options, true);
  const { warmUp, runs } = options;
  const { width, height } = PHOTOGRAPH;
  const picture = {
    width,
    height,
    data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 7) % 256),
  };
  const data = Uint8Array.from({ length: width * height }, (_, i) => {
    const [x, y] = [(i % width) / width, Math.floor(i / width) / height];
    if (Math.abs(x - 0.5) < 0.15 && Math.abs(y - 0.5) < 0.2) return 1;
    return x < 0.3 ? 2 : x > 0.7 ? 3 : 0;
  });
  const scene = await editor.segment(picture, { width, height, data });
  const distilled = editor.editDefaults(picture).guidance === 1;
  const sampling = distilled ? {} : ({ sampler: 'lcm', steps: 4, guidance: 1 } as const);
  return timed(editor.pipeline, warmUp + Math.ceil(runs / 3), () =>
    editor.edit(scene, { kind: 'replace', item: 1, prompt: 'a dog' }, sampling),
  );
}

function editorOf(dir: string, { threads, device, precision, trace }: BenchOptions, taesd?: boolean): Editor {
  const vae = taesd ? { vae: randomTaesd(dir) } : {};
  const editor = Editor.open(dir, { threads, device, precision, ...vae });
  if (trace) editor.pipeline.sessions.traceTo(trace);
  return editor;
}

async function timed(pipeline: Pipeline, count: number, run: () => Promise<unknown>): Promise<Lap[]> {
  const laps: Lap[] = [];
  for (let i = 0; i < count; i++) laps.push((await measured(run)).lap);
  // sessions write their traces when they end
  await pipeline.sessions.clear();
  return laps;
}

/** @throws UserError when the machine has not as much memory left; a GPU is not asked */
function requireMemory({ device }: Pipeline, need: MemoryNeed): void {
  if (device !== 'cpu') return;
  const missing = shortage(need, { free: process.availableMemory(), budget: Infinity });
  if (missing) throw new UserError(missing);
}
