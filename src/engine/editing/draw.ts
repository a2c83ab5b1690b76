import type { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import { type Regions, sample, type Start } from '../diffusion/sample.js';
import { makeSampler } from '../diffusion/samplers/index.js';
import { NoiseSchedule } from '../diffusion/schedule.js';
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
 * Samples and decodes: every item's cells listen to its own prompt.
 * @throws UserError when the checkpoint's own safety checker holds it back
 */
export async function draw(
  pipeline: Pipeline,
  target: Target,
  { seed, steps, guidance, sampler: name }: EditOptions,
  { onStep, onPreview, onBlurred, signal }: EditCallbacks,
): Promise<Raster> {
  const { regions, from, hole } = target;
  const [, channels, height, width] = target.shape as [number, number, number, number];
  const prompts = await encodeItems(pipeline, target.items, target.learned);
  const prompted = [prompts, target.labels] as const;
  const tokens = prompts.hidden.shape[1]!;
  const rows = asksTwice(pipeline, guidance)
    ? [[await pipeline.unconditional(tokens), 'ordinary'] as const, prompted]
    : [prompted];
  const batch = rows.length;
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
  const size = channels * height * width;
  const input = new Float32Array(batch * size);
  const latents = await sample({
    sampler: makeSampler(name, new NoiseSchedule(pipeline.checkpoint.scheduler), steps),
    guidanceScale: guidance,
    noise: gaussians(size, seed, NOISE_STREAM),
    stepNoise: (i) => gaussians(size, seed, STEP_NOISE_STREAM, i),
    regions,
    from,
    signal,
    onStep: async (done, of, x) => {
      onStep?.(done, of);
      // what nobody has looked at is not shown
      if (onPreview && !pipeline.safety && done < of && done % Math.ceil(of / PREVIEWS) === 0)
        onPreview(await pipeline.decodeLatents({ shape: target.shape, data: x }));
    },
    predict: async (x, timestep) => {
      for (let row = 0; row < batch; row++) input.set(x, row * size);
      const out = await denoise(input, timestep);
      await new Promise((resolve) => setImmediate(resolve)); // let a cancellation in
      const cond = out.subarray((batch - 1) * size);
      return batch === 1 ? { cond } : { cond, uncond: out.subarray(0, size) };
    },
  });
  const drawing = await pipeline.decodeLatents({ shape: target.shape, data: latents });
  if (!pipeline.safety) return drawing;
  const { picture, blurred } = await pipeline.safety.passed(drawing);
  if (blurred) onBlurred?.();
  return picture;
}
