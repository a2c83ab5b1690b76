import { openCheckpoint } from '../checkpoint/open.js';
import { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import { Editor } from '../editor.js';
import { freshTokens } from '../finetune/associate.js';
import { PAPER_DEFAULTS } from '../finetune/options.js';
import type { Stage } from '../finetune/trainables.js';
import { Trainer } from '../finetune/trainer.js';
import type { Precision } from '../halves.js';
import { type BenchOptions, ITEMS, nativePicture, squares, STEPS } from './cases.js';
import { type Lap, measured, peakMegabytes } from './measure.js';

/** What is computed twice on one device, in float32 and in halves, and compared. */
export const HALVES_CASES = ['tokens', 'cross-attention', 'lora', 'edit'] as const;
export type HalvesCase = (typeof HALVES_CASES)[number];

/** `steps`: updates of a stage, steps of an edit. */
type HalvesOptions = Pick<BenchOptions, 'device' | 'threads' | 'cells' | 'steps'>;

/** How far halves are from float32, and what they took. */
export interface HalvesFound {
  readonly took: Lap & { readonly peakMB: number };
  readonly parity: Readonly<Record<string, number>>;
}

/** Updates of a stage, each from one row. */
const UPDATES = 10;
const RATE: Record<Stage, number> = { tokens: 1e-3, 'cross-attention': 1e-4, lora: 1e-4 };

/**
 * Ten updates of a stage: the farthest of their losses, in parts of float32's. An edit of twenty guided steps: the farthest
 * channel of a pixel, in 255ths.
 */
export async function halvesCase(
  dir: string,
  name: HalvesCase,
  options: HalvesOptions,
): Promise<HalvesFound> {
  const compute = (precision: Precision) =>
    measured(async () =>
      name === 'edit' ? await picture(dir, precision, options) : await losses(dir, name, precision, options),
    );
  const { result: full } = await compute('full');
  const { result: half, lap } = await compute('half');
  const off = [...full].map((x, i) => Math.abs(half[i]! - x) / (name === 'edit' ? 1 : x));
  const label = name === 'edit' ? 'pixels, of 255' : 'loss';
  const farthest = off.reduce((a, b) => (a >= b ? a : b));
  return { took: { ...lap, peakMB: peakMegabytes() }, parity: { [label]: farthest } };
}

/** Of each update of a stage, the same noise in each precision. */
async function losses(
  dir: string,
  stage: Stage,
  precision: Precision,
  { device, threads, cells, steps = UPDATES }: HalvesOptions,
): Promise<number[]> {
  const pipeline = new Pipeline(openCheckpoint(dir, { precision }), device, threads);
  const { channels, nativeCells } = pipeline.family.denoiser;
  const side = cells ?? nativeCells;
  const latents = { shape: [1, channels, side, side], data: gaussians(channels * side * side, 3) };
  const subject = { latents, labels: squares(pipeline, side), items: ITEMS };
  const options = { ...PAPER_DEFAULTS, stage, batch: 1, microBatch: 1, accumulation: 1, recompute: true };
  const learned = freshTokens(pipeline, ITEMS, PAPER_DEFAULTS);
  const trainer = await Trainer.open(pipeline, [subject], learned, { ...options, learningRate: RATE[stage] });
  const found: number[] = [];
  for (let step = 0; step < steps; step++)
    found.push(await trainer.step(gaussians(latents.data.length, 4, step), [50 + 100 * step], true));
  await trainer.release();
  await pipeline.sessions.clear();
  return found;
}

/** What an edit draws. */
async function picture(
  dir: string,
  precision: Precision,
  { device, threads, steps = STEPS }: HalvesOptions,
): Promise<Uint8Array> {
  const editor = Editor.open(dir, { device, threads, precision });
  const { picture: given, labels } = nativePicture(editor.pipeline);
  const scene = await editor.segment(given, labels);
  const drawn = await editor.edit(scene, { kind: 'replace', item: 1, prompt: 'a dog' }, { steps });
  await editor.pipeline.sessions.clear();
  return drawn.picture.data;
}
