import type { DiscreteSchedulerConfig } from '../../checkpoint/config/scheduler.js';
import { NoiseSchedule, type Preconditioning, type Solver, type Walk } from './schedule.js';

/** A forward noising process q(x_t | x_0) of discrete timesteps (Ho et al. 2020), from a scheduler's config. */
export class DiscreteSchedule extends NoiseSchedule {
  /** ᾱ_t for t = 0 … T − 1. */
  readonly alphasCumprod: Float64Array;

  constructor(readonly config: DiscreteSchedulerConfig) {
    super();
    const { num_train_timesteps: count, beta_start, beta_end, beta_schedule } = config;
    this.alphasCumprod = new Float64Array(count);
    let product = 1;
    for (let t = 0; t < count; t++) {
      const along = t / (count - 1);
      // scaled_linear: linear in sqrt(β) (latent diffusion's schedule)
      const beta =
        beta_schedule === 'linear'
          ? beta_start + along * (beta_end - beta_start)
          : (Math.sqrt(beta_start) + along * (Math.sqrt(beta_end) - Math.sqrt(beta_start))) ** 2;
      product *= 1 - beta;
      this.alphasCumprod[t] = product;
    }
    if (config.rescale_betas_zero_snr) this.#endInPureNoise();
  }

  get levels(): number {
    return this.config.num_train_timesteps;
  }

  timestep(level: number): number {
    return level;
  }

  /** ᾱ after the last step: 1, or that of t = 0. */
  get finalAlphaCumprod(): number {
    return this.config.set_alpha_to_one ? 1 : this.alphasCumprod[0]!;
  }

  /** σ_t = √((1 − ᾱ)/ᾱ), linear between whole timesteps. */
  sigma(t: number): number {
    const at = (k: number): number => Math.sqrt((1 - this.alphasCumprod[k]!) / this.alphasCumprod[k]!);
    const low = Math.floor(t);
    return low === t ? at(low) : at(low) + (t - low) * (at(low + 1) - at(low));
  }

  /** It answers with the noise, or with v = √ᾱ ε − √(1 − ᾱ) x_0 (Salimans & Ho 2022), and sees latents of unit variance. */
  preconditioning(sigma: number): Preconditioning {
    const scale = 1 / Math.sqrt(sigma ** 2 + 1);
    return this.config.prediction_type === 'epsilon'
      ? { skip: 1, out: -sigma, in: scale }
      : { skip: scale ** 2, out: -sigma * scale, in: scale };
  }

  walk(steps: number, solver: Solver): Walk {
    const timesteps = solver === 'multistep' ? this.#withoutCleanest(steps) : this.timesteps(steps);
    const sigmas = [...timesteps.map((t) => this.sigma(t)), 0];
    // as diffusers: what does not start at pure noise adds the signal's unit variance
    const whole = solver === 'single step' && this.config.timestep_spacing !== 'leading';
    return { sigmas, timesteps, start: whole ? sigmas[0]! : Math.sqrt(sigmas[0]! ** 2 + 1) };
  }

  /** The N timesteps of a sampling run, falling (Lin et al. 2024, table 2, for the spacings). */
  timesteps(count: number): number[] {
    const { num_train_timesteps: total, timestep_spacing, steps_offset } = this.config;
    const steps = Array.from({ length: count }, (_, i) => i);
    switch (timestep_spacing) {
      case 'leading':
        return steps.map((i) => i * Math.floor(total / count) + steps_offset).reverse();
      case 'trailing':
        return steps.map((i) => Math.round(total - (i * total) / count) - 1);
      case 'linspace':
        return steps.map((i) => (count === 1 ? 0 : (i * (total - 1)) / (count - 1))).reverse();
    }
  }

  /** diffusers' DPMSolverMultistepScheduler spaces one step more than it takes and leaves out the cleanest. */
  #withoutCleanest(steps: number): number[] {
    const { num_train_timesteps: total, timestep_spacing, steps_offset } = this.config;
    const falling = Array.from({ length: steps }, (_, i) => steps - i);
    switch (timestep_spacing) {
      case 'linspace':
        return falling.map((k) => roundHalfToEven((k * (total - 1)) / steps));
      case 'leading':
        return falling.map((k) => k * Math.floor(total / (steps + 1)) + steps_offset);
      case 'trailing':
        return falling.map((k) => roundHalfToEven((k * total) / steps) - 1);
    }
  }

  /** √ᾱ is shifted and stretched so that nothing of the picture is left at the last timestep (Lin et al. 2024, algorithm 1). */
  #endInPureNoise(): void {
    const roots = this.alphasCumprod.map(Math.sqrt);
    const [first, last] = [roots[0]!, roots.at(-1)!];
    this.alphasCumprod.set(roots.map((root) => (((root - last) * first) / (first - last)) ** 2));
    // as diffusers: a signal of exactly zero would be divided by
    this.alphasCumprod[this.alphasCumprod.length - 1] = 2 ** -24;
  }
}

/** As numpy rounds. */
function roundHalfToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}
