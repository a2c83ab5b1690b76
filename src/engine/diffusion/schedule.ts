import type { SchedulerConfig } from '../checkpoint/config/scheduler.js';

/** A forward noising process q(x_t | x_0) of discrete timesteps (Ho et al. 2020), from a scheduler's config. */
export class NoiseSchedule {
  /** ᾱ_t for t = 0 … T − 1. */
  readonly alphasCumprod: Float64Array;

  constructor(readonly config: SchedulerConfig) {
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

  /** ᾱ after the last step: 1, or that of t = 0. */
  get finalAlphaCumprod(): number {
    return this.config.set_alpha_to_one ? 1 : this.alphasCumprod[0]!;
  }

  /** x_t = √ᾱ x_0 + √(1 − ᾱ) ε */
  addNoise(x0: Float32Array, noise: Float32Array, t: number): Float32Array {
    const [signal, sigma] = this.#rates(t);
    return x0.map((x, i) => signal * x + sigma * noise[i]!);
  }

  /** What the model is trained to predict at t: the noise, or v = √ᾱ ε − √(1 − ᾱ) x_0 (Salimans & Ho 2022). */
  target(x0: Float32Array, noise: Float32Array, t: number): Float32Array {
    if (this.config.prediction_type === 'epsilon') return noise;
    const [signal, sigma] = this.#rates(t);
    return x0.map((x, i) => signal * noise[i]! - sigma * x);
  }

  /** x_0 as the model's answer at t has it: what `target` was made of, backwards. */
  original(xt: Float32Array, predicted: Float32Array, t: number): Float32Array {
    const [signal, sigma] = this.#rates(t);
    return this.config.prediction_type === 'epsilon'
      ? xt.map((x, i) => (x - sigma * predicted[i]!) / signal)
      : xt.map((x, i) => signal * x - sigma * predicted[i]!);
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

  /** σ_t = √((1 − ᾱ)/ᾱ), linear between whole timesteps. */
  sigma(t: number): number {
    const at = (k: number): number => Math.sqrt((1 - this.alphasCumprod[k]!) / this.alphasCumprod[k]!);
    const low = Math.floor(t);
    return low === t ? at(low) : at(low) + (t - low) * (at(low + 1) - at(low));
  }

  /** √ᾱ is shifted and stretched so that nothing of the picture is left at the last timestep (Lin et al. 2024, algorithm 1). */
  #endInPureNoise(): void {
    const roots = this.alphasCumprod.map(Math.sqrt);
    const [first, last] = [roots[0]!, roots.at(-1)!];
    this.alphasCumprod.set(roots.map((root) => (((root - last) * first) / (first - last)) ** 2));
    // as diffusers: a signal of exactly zero would be divided by
    this.alphasCumprod[this.alphasCumprod.length - 1] = 2 ** -24;
  }

  #rates(t: number): [signal: number, sigma: number] {
    const alpha = this.alphasCumprod[t]!;
    return [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
  }
}
