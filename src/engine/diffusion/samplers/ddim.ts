import type { NoiseSchedule } from '../schedule.js';
import { mixed, type Sampler } from './sampler.js';

/** Denoising diffusion implicit models (Song et al. 2021), η = 0. */
export class Ddim implements Sampler {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma = 1;
  readonly #stride: number;

  constructor(
    private readonly schedule: NoiseSchedule,
    steps: number,
  ) {
    this.timesteps = schedule.timesteps(steps).map(Math.round);
    this.#stride = Math.floor(schedule.config.num_train_timesteps / steps);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(modelOutput: Float32Array, i: number, x: Float32Array): Float32Array {
    const alpha = this.schedule.alphasCumprod[this.timesteps[i]!]!;
    const next = this.#alphaAfter(i);
    const [signal, sigma] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
    const epsilon = this.schedule.config.prediction_type === 'epsilon';
    return x.map((v, k) => {
      const out = modelOutput[k]!;
      const x0 = epsilon ? (v - sigma * out) / signal : signal * v - sigma * out;
      const noise = epsilon ? out : signal * out + sigma * v;
      return Math.sqrt(next) * x0 + Math.sqrt(1 - next) * noise;
    });
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
