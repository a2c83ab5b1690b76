import type { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import type { Subject, TrainerOptions } from './lesson.js';
import type { Trainer } from './trainer.js';

/** Rows of noise that are asked about, of all pictures together. */
const ROWS = 4;
/** Rows learned from for each row that is asked about; a row without gradients costs a third of one with. */
const RARELY = 5;
/** Of its own stream of the seed: not the noise that is learned from. */
const NOISE_STREAM = 31;

/** The last losses that are looked at together, as a share of all that a whole stage would have. */
const WINDOW = 1 / 4;
/**
 * Of the variance of all losses: below it the last ones differ by little more than chance. A loss that falls evenly to
 * the stage's end never comes below WINDOW². At twice this, pocket's scenes lost 0.3 dB inside their items.
 */
const SETTLED = 0.01;

/**
 * Whether learning goes on in vain: the variance of the last losses is but a small part of that of all.
 * Voronov et al. 2023 (arXiv 2302.04841, DVAR), section 3.2.
 * @param losses of the same noise, the oldest first
 * @param whole how many a stage has that is not ended early
 */
export function hasSettled(losses: readonly number[], whole: number): boolean {
  const window = Math.max(LEAST, Math.round(WINDOW * whole));
  return losses.length > window && variance(losses.slice(-window)) < SETTLED * variance(losses);
}

/** The variance of fewer tells nothing: three ended pocket's learning by chance, for 0.7 dB inside items. */
const LEAST = 5;

function variance(values: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
}

/**
 * The loss of the same noise at the same timesteps, asked every few steps: unlike the loss of the steps themselves, which
 * differs from one to the next by what they drew, it tells how far learning has come.
 */
export class Probe {
  readonly #losses: number[];
  readonly #every: number;
  /** Of each picture. */
  readonly #rows: number;

  /**
   * @param steps of a stage that is not ended early
   * @param before what was told before an interruption
   */
  constructor(
    private readonly pipeline: Pipeline,
    private readonly trainer: Trainer,
    private readonly subjects: readonly Subject[],
    private readonly options: Pick<TrainerOptions, 'batch' | 'accumulation' | 'seed'>,
    private readonly steps: number,
    before: readonly number[] = [],
  ) {
    const { batch, accumulation } = options;
    this.#losses = [...before];
    this.#rows = batch * Math.ceil(ROWS / subjects.length / batch);
    const pause = (RARELY * this.#rows * subjects.length) / batch;
    this.#every = accumulation * Math.ceil(pause / accumulation);
  }

  get losses(): readonly number[] {
    return this.#losses;
  }

  get settled(): boolean {
    return hasSettled(this.#losses, Math.floor(this.steps / this.#every));
  }

  /** Asks when it is time to. @param step micro-steps done */
  async after(step: number): Promise<void> {
    if (step % this.#every !== 0) return;
    const { num_train_timesteps: count } = this.pipeline.checkpoint.scheduler;
    const timesteps = Array.from({ length: this.#rows }, (_, row) =>
      Math.floor(((row + 0.5) * count) / this.#rows),
    );
    let sum = 0;
    for (const [which, { latents }] of this.subjects.entries()) {
      const noise = gaussians(this.#rows * latents.data.length, this.options.seed, NOISE_STREAM, which);
      sum += await this.trainer.loss(noise, timesteps, which);
    }
    this.#losses.push(sum / this.subjects.length);
  }
}
