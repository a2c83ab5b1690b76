/** F(c_in·x) to clean latents, D(x; σ) = c_skip·x + c_out·F, where x = x0 + σ·ε (Karras et al. 2022, arXiv 2206.00364, equation 7). */
export interface Preconditioning {
  readonly skip: number;
  readonly out: number;
  readonly in: number;
}

/** A run from noise to a picture, as a schedule cuts it. */
export interface Walk {
  /** σ before each step, and the one that the last ends at: 0. */
  readonly sigmas: readonly number[];
  /** What the denoiser is told at each step. */
  readonly timesteps: readonly number[];
  /** Standard deviation of the noise it starts from. */
  readonly start: number;
}

/** How many of a run's levels a solver stands at: multistep ones leave out the cleanest, as diffusers' do. */
export type Solver = 'single step' | 'multistep';

/** The noise that a denoiser was trained with, and what it was trained to answer. */
export abstract class NoiseSchedule {
  /** Noise levels 0 … levels − 1 that it is trained at; 0 is the cleanest. */
  abstract readonly levels: number;
  /** σ of a level; levels may lie between whole ones. */
  abstract sigma(level: number): number;
  /** What the denoiser is told at a level. */
  abstract timestep(level: number): number;
  abstract preconditioning(sigma: number): Preconditioning;
  abstract walk(steps: number, solver: Solver): Walk;

  /** What the denoiser sees of a picture at a level: c_in·(x_0 + σ ε) */
  addNoise(x0: Float32Array, noise: Float32Array, level: number): Float32Array {
    const sigma = this.sigma(level);
    const scale = this.preconditioning(sigma).in;
    return x0.map((x, i) => scale * x + scale * sigma * noise[i]!);
  }

  /** What it is to answer to that: (x_0 − c_skip·(x_0 + σ ε)) / c_out */
  target(x0: Float32Array, noise: Float32Array, level: number): Float32Array {
    const sigma = this.sigma(level);
    const { skip, out } = this.preconditioning(sigma);
    return x0.map((x, i) => ((1 - skip) / out) * x - ((skip * sigma) / out) * noise[i]!);
  }

  /** `preconditioning` of what the denoiser sees at a level. */
  seen(level: number): Preconditioning {
    const { skip, out, in: scale } = this.preconditioning(this.sigma(level));
    return { skip: skip / scale, out, in: 1 };
  }

  /** x_0 by its answer to what it saw at a level: what `target` was made of, backwards. */
  original(seen: Float32Array, answer: Float32Array, level: number): Float32Array {
    const { skip, out } = this.seen(level);
    return seen.map((x, i) => skip * x + out * answer[i]!);
  }
}
