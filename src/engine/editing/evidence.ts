/**
 * What a checkpoint knows of a picture, by how much better it sees a thing through noise when it is told what it is: a
 * diffusion model is a classifier (Diffusion Classifier, arXiv 2303.16203), here of regions, by grouped attention.
 */
import { resizeRaster } from '../compositing/resize.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import { scheduleOf } from '../diffusion/schedules/index.js';
import { toGrid } from '../masks/grid.js';
import type { LabelMap, Raster } from '../raster.js';
import type { Tensor } from '../runtime/session.js';
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

/** One picture that a checkpoint is asked about, any number of times: what it sees untold is seen once. */
export class Witness {
  #latents: Tensor | undefined;
  #untold: Float32Array | undefined;

  constructor(
    private readonly pipeline: Pipeline,
    private readonly picture: Raster,
    /** Shares of the way to noise at which it is asked. */
    private readonly at: readonly number[] = AT,
  ) {}

  /**
   * @param labels whose cells listen to which of `words`
   * @param words a prompt a label; '' tells nothing of it
   */
  async errors(labels: LabelMap, words: readonly string[]): Promise<Errors> {
    const { shape } = (this.#latents ??= await this.#encoded());
    const [height, width] = shape.slice(2) as [number, number];
    // cells that listen to the empty prompt see the same, whichever group they are in
    this.#untold ??= await this.#seen(
      labels,
      words.map(() => ''),
    );
    return { height, width, told: await this.#seen(labels, words), untold: this.#untold };
  }

  /** For each label how much of the error goes when its words are told: 1 all of it, 0 and less none. */
  async evidence(labels: LabelMap, words: readonly string[]): Promise<number[]> {
    const { height, width, told, untold } = await this.errors(labels, words);
    const of = toGrid(labels, width, height).data;
    const sums = words.map(() => ({ told: 0, untold: 0 }));
    for (let i = 0; i < of.length; i++) {
      const sum = sums[of[i]!]!;
      sum.told += told[i]!;
      sum.untold += untold[i]!;
    }
    return sums.map((sum) => (sum.untold > 0 ? 1 - sum.told / sum.untold : 0));
  }

  async #encoded(): Promise<Tensor> {
    const frame = frameOf(this.pipeline, this.picture);
    return await this.pipeline.encodePicture(await resizeRaster(this.picture, frame.width, frame.height));
  }

  /** One row at a time: more at once are no faster here, and a graph of one is compiled sooner. */
  async #seen(labels: LabelMap, words: readonly string[]): Promise<Float32Array> {
    const { pipeline, at } = this;
    const latents = (this.#latents ??= await this.#encoded());
    const [, channels, height, width] = latents.shape as [number, number, number, number];
    const x0 = latents.data as Float32Array;
    const told = await pipeline.encodePrompts(words);
    const denoise = await pipeline.predictor({
      ...{ height, width, rows: [told] },
      groups: pipeline.groups([labels], { height, width }, words.length, told.hidden.shape[1]),
    });
    const schedule = scheduleOf(pipeline.checkpoint.scheduler);
    const cells = height * width;
    const errors = new Float32Array(cells);
    try {
      for (const [i, share] of at.entries()) {
        const t = Math.round(share * (schedule.levels - 1));
        const noisy = schedule.addNoise(x0, gaussians(x0.length, SEED, NOISE_STREAM, i), t);
        const seen = schedule.original(noisy, await denoise(noisy, schedule.timestep(t)), t);
        for (let j = 0; j < channels * cells; j++) errors[j % cells]! += (seen[j]! - x0[j]!) ** 2;
      }
    } finally {
      denoise.release();
    }
    return errors;
  }
}
