import type { NoiseSchedule } from './schedule.js';

/** One way to walk from noise to a picture; `i` counts steps from 0. Arrays are latents, flat. */
export interface Sampler {
  readonly timesteps: readonly number[];
  /** Standard deviation of the latents the walk starts from. */
  readonly initNoiseSigma: number;
  /** What the model sees of the latents at step i. */
  scaleModelInput(x: Float32Array, i: number): Float32Array;
  /** The latents after step i. */
  step(modelOutput: Float32Array, i: number, x: Float32Array): Float32Array;
  /** x0 at the noise level the latents have *after* step i: what frozen pixels are put back to. */
  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array;
}

export type SamplerName = 'euler' | 'ddim';

export const makeSampler = (name: SamplerName, schedule: NoiseSchedule, steps: number): Sampler =>
  name === 'euler' ? new EulerDiscrete(schedule, steps) : new Ddim(schedule, steps);

/** Euler steps of the probability-flow ODE in σ (Karras et al. 2022, algorithm 1 without churn). */
export class EulerDiscrete implements Sampler {
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[];
  readonly initNoiseSigma: number;

  constructor(
    private readonly schedule: NoiseSchedule,
    steps: number,
  ) {
    this.timesteps = schedule.timesteps(steps);
    this.sigmas = [...this.timesteps.map((t) => schedule.sigma(t)), 0];
    const largest = this.sigmas[0]!;
    // as diffusers: 'leading' does not start at pure noise and adds the signal's unit variance
    this.initNoiseSigma =
      schedule.config.timestep_spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest;
  }

  scaleModelInput(x: Float32Array, i: number): Float32Array {
    const scale = 1 / Math.sqrt(this.sigmas[i]! ** 2 + 1);
    return x.map((v) => v * scale);
  }

  step(modelOutput: Float32Array, i: number, x: Float32Array): Float32Array {
    const [sigma, next] = [this.sigmas[i]!, this.sigmas[i + 1]!];
    if (this.schedule.config.prediction_type === 'epsilon') {
      return x.map((v, k) => v + modelOutput[k]! * (next - sigma));
    }
    const variance = sigma ** 2 + 1;
    return x.map((v, k) => {
      const x0 = v / variance - (modelOutput[k]! * sigma) / Math.sqrt(variance);
      return v + ((v - x0) / sigma) * (next - sigma);
    });
  }

  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array {
    const sigma = this.sigmas[i + 1]!;
    return x0.map((v, k) => v + sigma * noise[k]!);
  }
}

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
    return x0.map((v, k) => Math.sqrt(next) * v + Math.sqrt(1 - next) * noise[k]!);
  }

  #alphaAfter(i: number): number {
    const t = this.timesteps[i]! - this.#stride;
    if (t >= 0) return this.schedule.alphasCumprod[t]!;
    return this.schedule.config.set_alpha_to_one ? 1 : this.schedule.alphasCumprod[0]!;
  }
}
