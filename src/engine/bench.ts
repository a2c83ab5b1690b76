import { openCheckpoint } from './checkpoint/open.js';
import { Pipeline } from './diffusion/pipeline.js';
import { gaussians } from './diffusion/random.js';
import { Editor } from './editor.js';
import { UserError } from './errors.js';
import { freshTokens, PAPER_DEFAULTS } from './finetune/associate.js';
import { trainingNeed } from './finetune/plan.js';
import { bytesOf } from './memory.js';
import type { Stage } from './finetune/trainables.js';
import { Trainer } from './finetune/trainer.js';
import type { LabelMap } from './raster.js';

export { type BenchShape, randomCheckpoint } from './bench/shapes.js';

export const BENCH_CASES = ['forward', 'tokens', 'cross-attention', 'lora', 'edit'] as const;
export type BenchCase = (typeof BENCH_CASES)[number];

export interface BenchOptions {
  readonly threads: number;
  readonly batch: number;
  /** Runs that are not counted, and those whose median is. */
  readonly warmUp: number;
  readonly runs: number;
  /** Blocks computed again for the backward pass. */
  readonly recompute?: boolean | undefined;
}

export interface Measured {
  /** Median of the runs. */
  readonly ms: number;
  /** Peak resident memory of the process, MiB. */
  readonly peakMB: number;
}

const ITEMS = 4;

/**
 * Times one case in this process; bench/pytorch.py does the same with the same shapes.
 * @throws UserError when the machine's free memory does not hold it
 */
export async function benchCase(dir: string, name: BenchCase, options: BenchOptions): Promise<Measured> {
  const times = (await laps(dir, name, options)).slice(options.warmUp).sort((a, b) => a - b);
  return { ms: times[Math.floor(times.length / 2)]!, peakMB: process.resourceUsage().maxRSS / 1024 };
}

async function laps(dir: string, name: BenchCase, options: BenchOptions): Promise<number[]> {
  const { batch, threads, warmUp, runs } = options;
  const pipeline = new Pipeline(openCheckpoint(dir), 'cpu', threads);
  const { channels, nativeCells: side } = pipeline.family.denoiser;
  const data = Uint8Array.from({ length: side * side }, (_, i) => i % ITEMS);
  const labels: LabelMap = { width: side, height: side, data };
  if (name === 'edit') return editLaps(dir, options, labels);
  if (name !== 'forward') return trainingLaps(pipeline, name, labels, options);

  const size = { height: side, width: side };
  const prompts = Array.from({ length: ITEMS }, (_, i) => `thing ${i}`);
  const encoded = await pipeline.encodePrompts(prompts);
  // as memory asks: the text encoder is not what is measured
  await pipeline.sessions.clear();
  const denoise = await pipeline.predictor({
    ...size,
    rows: Array.from({ length: batch }, () => encoded),
    groups: pipeline.groups(Array(batch).fill(labels), size, ITEMS),
  });
  const x = gaussians(batch * channels * side * side, 2);
  return timed(warmUp + runs, () => denoise(x, 500));
}

/** Micro-steps as association runs them, an update each. */
async function trainingLaps(
  pipeline: Pipeline,
  stage: Stage,
  labels: LabelMap,
  { batch, warmUp, runs, recompute = false }: BenchOptions,
): Promise<number[]> {
  const { channels, nativeCells: side } = pipeline.family.denoiser;
  const latents = { shape: [1, channels, side, side], data: gaussians(channels * side * side, 3) };
  const subject = { latents, labels, items: ITEMS };
  const options = {
    ...{ ...PAPER_DEFAULTS, stage, batch, microBatch: batch, recompute },
    ...{ accumulation: 1, learningRate: 1e-4 },
  };
  const bytes = bytesOf(trainingNeed(pipeline, subject, options.tokensPerItem, options));
  const free = process.availableMemory();
  if (bytes > free) throw new UserError(`needs ${gigabytes(bytes)} GB, ${gigabytes(free)} GB are free`);
  const learned = freshTokens(pipeline, ITEMS, PAPER_DEFAULTS);
  const trainer = await Trainer.open(pipeline, [subject], learned, options);
  await pipeline.sessions.clear();
  const noise = gaussians(batch * latents.data.length, 4);
  const timesteps = Array.from({ length: batch }, (_, i) => 100 + 300 * i);
  return timed(warmUp + runs, () => trainer.step(noise, timesteps, true));
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);

async function editLaps(
  dir: string,
  { threads, warmUp, runs }: BenchOptions,
  small: LabelMap,
): Promise<number[]> {
  const editor = Editor.open(dir, { threads });
  const side = editor.pipeline.nativeSide;
  const scale = side / small.width;
  const picture = { width: side, height: side, data: new Uint8Array(3 * side * side).fill(128) };
  const data = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return small.data[Math.floor(y / scale) * small.width + Math.floor(x / scale)]!;
  });
  const scene = await editor.segment(picture, { width: side, height: side, data });
  return timed(warmUp + Math.ceil(runs / 3), () =>
    editor.edit(scene, { kind: 'replace', item: 1, prompt: 'a dog' }, { steps: 20 }),
  );
}

async function timed(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const out: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await run();
    out.push(performance.now() - start);
  }
  return out;
}
