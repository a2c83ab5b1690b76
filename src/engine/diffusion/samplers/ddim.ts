import type { DiscreteSchedule } from '../schedules/discrete.js';
import { mixed, type Sampler } from './sampler.js';

/** Latents at timestep t as they are where ᾱ is `next`, by the model's answer: the same picture with less of the same noise. */
export function cleaner(
  schedule: DiscreteSchedule,
  x: Float32Array,
  answer: Float32Array,
  t: number,
  next: number,
): Float32Array {
  const alpha = schedule.alphasCumprod[t]!;
  // the noise that is left of x = √ᾱ x0 + √(1 − ᾱ) ε, and the clean latents beside it
  const left = Math.sqrt((1 - next) / (1 - alpha));
  return mixed(x, schedule.original(x, answer, t), left, Math.sqrt(next) - left * Math.sqrt(alpha));
}

/** Denoising diffusion implicit models (Song et al. 2021), η = 0. */
export class Ddim implements Sampler {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma = 1;
  readonly #stride: number;

  constructor(
    private readonly schedule: DiscreteSchedule,
    steps: number,
  ) {
    this.timesteps = schedule.timesteps(steps).map(Math.round);
    this.#stride = Math.floor(schedule.config.num_train_timesteps / steps);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(modelOutput: Float32Array, i: number, x: Float32Array): Float32Array {
    return cleaner(this.schedule, x, modelOutput, this.timesteps[i]!, this.#alphaAfter(i));
  }

  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array {
    const next = this.#alphaAfter(i);
    return mixed(x0, noise, Math.sqrt(next), Math.sqrt(1 - next));
  }

  #alphaAfter(i: number): number {
    const t = this.timesteps[i]! - this.#stride;
    return t >= 0 ? this.schedule.alphasCumprod[t]! : this.schedule.finalAlphaCumprod;
  }
}
