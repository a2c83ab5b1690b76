import { breathe } from '../breathe.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import { type Regions, sample, type Start } from '../diffusion/sample.js';
import { makeSampler } from '../diffusion/samplers/index.js';
import { scheduleOf } from '../diffusion/schedules/index.js';
import type { Item } from '../edits/index.js';
import type { Learned } from '../families/learned.js';
import type { LabelMap, Raster } from '../raster.js';
import type { Tensor } from '../runtime/session.js';
import { encodeItems } from './prompting.js';
import type { EditCallbacks, EditOptions } from './settings.js';

/** How many pictures at most show an edit forming. */
const PREVIEWS = 5;
/** Sampling noise is drawn from its own stream of the seed. */
const NOISE_STREAM = 11;
const STEP_NOISE_STREAM = 12;

/** What is drawn: latents of this shape whose cells listen to the items they belong to. */
export interface Target {
  /** [1, C, h, w] */
  readonly shape: readonly number[];
  readonly labels: LabelMap;
  readonly items: readonly Item[];
  readonly learned: Learned | undefined;
  /** What is generated; everything when undefined. */
  readonly regions?: Regions | undefined;
  /** What to start from instead of noise. */
  readonly from?: Start | undefined;
  /** What an inpainting checkpoint is told of the place (Pipeline.hole). */
  readonly hole?: Tensor | undefined;
}

/**
 * Whether the model is asked twice a step, told and untold. Without guidance (1) once does, as few-step checkpoints want
 * it, and for those that hear its scale.
 */
export const asksTwice = ({ family }: Pipeline, guidance: number): boolean =>
  guidance !== 1 && !family.denoiser.embedsGuidance;

/**
 * Samples and decodes a picture a seed, all in one batch: every item's cells listen to its own prompt.
 * @throws UserError when the checkpoint's own safety checker holds one back
 */
export async function drawAll(
  pipeline: Pipeline,
  target: Target,
  settings: EditOptions,
  seeds: readonly number[],
  { onStep, onPreview, onBlurred, signal, makeWay = breathe }: EditCallbacks,
): Promise<Raster[]> {
  const { regions, from, hole } = target;
  const { steps, sampler: name } = settings;
  const guidance = guidanceOf(target, settings);
  const [, channels, height, width] = target.shape as [number, number, number, number];
  const prompts = await encodeItems(pipeline, target.items, target.learned);
  const prompted = [prompts, target.labels] as const;
  const tokens = prompts.hidden.shape[1]!;
  // all pictures untold, and then all of them told
  const branches = asksTwice(pipeline, guidance)
    ? [[await pipeline.unconditional(tokens), 'ordinary'] as const, prompted]
    : [prompted];
  const rows = branches.flatMap((branch) => seeds.map(() => branch));
  const denoise = await pipeline.predictor({
    height,
    width,
    rows: rows.map(([condition]) => condition),
    groups: pipeline.groups(
      rows.map(([, labels]) => labels),
      { height, width },
      target.items.length,
      tokens,
    ),
    ...{ learned: target.learned, guidance, hole },
  });
  const one = channels * height * width;
  const noise = (...stream: number[]): Float32Array =>
    joined(seeds.map((seed) => gaussians(one, seed, ...stream)));
  const pictureOf = async (latents: Float32Array, i: number): Promise<Raster> =>
    await pipeline.decodeLatents({ shape: target.shape, data: latents.slice(i * one, (i + 1) * one) });
  const latents = await sample(pipeline, {
    sampler: makeSampler(name, scheduleOf(pipeline.checkpoint.scheduler), steps),
    guidanceScale: guidance,
    noise: noise(NOISE_STREAM),
    stepNoise: (i) => noise(STEP_NOISE_STREAM, i),
    ...{ denoise, regions, from, signal },
    onStep: async (done, of, x) => {
      await makeWay();
      onStep?.(done, of);
      // what nobody has looked at is not shown
      if (onPreview && !pipeline.safety && done < of && done % Math.ceil(of / PREVIEWS) === 0)
        onPreview(await pictureOf(await x(), 0));
    },
  }).finally(() => denoise.release());
  const pictures: Raster[] = [];
  for (const i of seeds.keys()) {
    const drawing = await pictureOf(latents, i);
    const passed = await pipeline.safety?.passed(drawing);
    if (passed?.blurred) onBlurred?.(i);
    pictures.push(passed?.picture ?? drawing);
  }
  return pictures;
}

/** What was learned of the picture draws it as it is: led further from the untold prediction, it is overdrawn. */
const guidanceOf = ({ items, learned }: Target, { guidance, learnedGuidance }: EditOptions): number =>
  learned && items.every(({ prompt }) => prompt.kind === 'learned' && !prompt.words)
    ? learnedGuidance
    : guidance;

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
