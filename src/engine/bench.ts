import { openCheckpoint } from './checkpoint/open.js';
import { Pipeline } from './diffusion/pipeline.js';
import { gaussians } from './diffusion/random.js';
import { Editor } from './editor.js';
import { type AssociationOptions, associate, PAPER_DEFAULTS } from './finetune/associate.js';
import type { LabelMap } from './raster.js';

export const BENCH_CASES = ['forward', 'tokens', 'cross-attention', 'lora', 'edit'] as const;
export type BenchCase = (typeof BENCH_CASES)[number];

export interface Measured {
  /** Median of the runs after three to warm up. */
  readonly ms: number;
  /** Peak resident memory of the process. */
  readonly mb: number;
}

const ITEMS = 4;
const BATCH = 2;
const WARM_UP = 3;
const RUNS = 15;

/** Times one case in this process; bench/pytorch.py does the same with the same shapes. */
export async function benchCase(dir: string, name: BenchCase, threads: number): Promise<Measured> {
  const times = await laps(dir, name, threads);
  const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
  return { ms: sorted[Math.floor(sorted.length / 2)]!, mb: process.resourceUsage().maxRSS / 1024 };
}

async function laps(dir: string, name: BenchCase, threads: number): Promise<number[]> {
  const pipeline = new Pipeline(openCheckpoint(dir), 'cpu', threads);
  const { channels, nativeCells: side } = pipeline.family.denoiser;
  const data = Uint8Array.from({ length: side * side }, (_, i) => i % ITEMS);
  const labels: LabelMap = { width: side, height: side, data };
  if (name === 'edit') return editLaps(dir, threads, labels);
  if (name !== 'forward') return trainingLaps(pipeline, name, labels);

  const size = { height: side, width: side };
  const prompts = Array.from({ length: ITEMS }, (_, i) => `thing ${i}`);
  const encoded = await pipeline.encodePrompts(prompts);
  const denoise = await pipeline.predictor({
    ...size,
    rows: Array.from({ length: BATCH }, () => encoded),
    groups: pipeline.groups([labels, labels], size, ITEMS),
  });
  const x = gaussians(BATCH * channels * side * side, 2);
  return timed(WARM_UP + RUNS, () => denoise(x, 500));
}

/** Micro-steps as association runs them, an update each. */
async function trainingLaps(
  pipeline: Pipeline,
  name: Exclude<BenchCase, 'forward' | 'edit'>,
  labels: LabelMap,
): Promise<number[]> {
  const { channels, nativeCells: side } = pipeline.family.denoiser;
  const latents = { shape: [1, channels, side, side], data: gaussians(channels * side * side, 3) };
  const count = WARM_UP + RUNS;
  const options: AssociationOptions = {
    ...PAPER_DEFAULTS,
    batch: BATCH,
    accumulation: 1,
    steps: name === 'tokens' ? [count, 0] : [0, count],
    method: name === 'lora' ? 'lora' : 'cross-attention',
  };
  const marks: number[] = [];
  await associate(pipeline, { latents, labels, items: ITEMS }, options, {
    onProgress: () => void marks.push(performance.now()),
  });
  return marks.slice(1).map((mark, i) => mark - marks[i]!);
}

async function editLaps(dir: string, threads: number, small: LabelMap): Promise<number[]> {
  const editor = Editor.open(dir, { threads });
  const side = editor.pipeline.nativeSide;
  const scale = side / small.width;
  const picture = { width: side, height: side, data: new Uint8Array(3 * side * side).fill(128) };
  const data = Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return small.data[Math.floor(y / scale) * small.width + Math.floor(x / scale)]!;
  });
  const scene = await editor.segment(picture, { width: side, height: side, data });
  return timed(WARM_UP + 5, () =>
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
