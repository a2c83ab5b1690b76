/**
 * What a checkpoint knows of a picture, by how much better it sees a thing through noise when it is told what it is: a
 * diffusion model is a classifier (Diffusion Classifier, arXiv 2303.16203), here of regions, by grouped attention.
 */
import { resizeRaster } from '../compositing/resize.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import { NoiseSchedule } from '../diffusion/schedule.js';
import { toGrid } from '../masks/grid.js';
import type { LabelMap, Raster } from '../raster.js';
import { frameOf } from './frame.js';

/** How far towards noise the picture is taken: enough that words matter, too little for something else to be seen. */
const AT = [0.2, 0.4, 0.6];
/** Of its own stream of the seed, so that the same picture gives the same figures. */
const NOISE_STREAM = 31;
const SEED = 42;

/** Squared error of what is seen through noise, summed over channels, a cell: [h·w]. */
export interface Errors {
  readonly height: number;
  readonly width: number;
  readonly told: Float32Array;
  readonly untold: Float32Array;
}

/**
 * @param labels whose cells listen to which of `words`
 * @param words a prompt a label; '' tells nothing of it
 */
export async function errorsOf(
  pipeline: Pipeline,
  picture: Raster,
  labels: LabelMap,
  words: readonly string[],
): Promise<Errors> {
  const frame = frameOf(pipeline, picture);
  const latents = await pipeline.encodePicture(await resizeRaster(picture, frame.width, frame.height));
  const [, channels, height, width] = latents.shape as [number, number, number, number];
  const x0 = latents.data as Float32Array;
  const rows = [await pipeline.encodePrompts(words), await pipeline.encodePrompts(words.map(() => ''))];
  const denoise = await pipeline.predictor({
    ...{ height, width, rows },
    groups: pipeline.groups([labels, labels], { height, width }, words.length, rows[0]!.hidden.shape[1]),
  });
  const { scheduler } = pipeline.checkpoint;
  const schedule = new NoiseSchedule(scheduler);
  const cells = height * width;
  const errors = { height, width, told: new Float32Array(cells), untold: new Float32Array(cells) };
  const input = new Float32Array(2 * x0.length);
  for (const [i, share] of AT.entries()) {
    const t = Math.round(share * (scheduler.num_train_timesteps - 1));
    const noisy = schedule.addNoise(x0, gaussians(x0.length, SEED, NOISE_STREAM, i), t);
    input.set(noisy);
    input.set(noisy, x0.length);
    const out = await denoise(input, t);
    for (const [row, sums] of [errors.told, errors.untold].entries()) {
      const seen = schedule.original(noisy, out.subarray(row * x0.length, (row + 1) * x0.length), t);
      for (let j = 0; j < channels * cells; j++) sums[j % cells]! += (seen[j]! - x0[j]!) ** 2;
    }
  }
  return errors;
}

/** For each label how much of the error goes when its words are told: 1 all of it, 0 and less none. */
export async function evidenceFor(
  pipeline: Pipeline,
  picture: Raster,
  labels: LabelMap,
  words: readonly string[],
): Promise<number[]> {
  const { height, width, told, untold } = await errorsOf(pipeline, picture, labels, words);
  const of = toGrid(labels, width, height).data;
  const sums = words.map(() => ({ told: 0, untold: 0 }));
  for (let i = 0; i < of.length; i++) {
    const sum = sums[of[i]!]!;
    sum.told += told[i]!;
    sum.untold += untold[i]!;
  }
  return sums.map((sum) => (sum.untold > 0 ? 1 - sum.told / sum.untold : 0));
}
