/** One way to walk from noise to a picture; `i` counts steps from 0. Arrays are latents, flat. One walk a sampler. */
export interface Sampler {
  readonly timesteps: readonly number[];
  /** Standard deviation of the latents the walk starts from. */
  readonly initNoiseSigma: number;
  /** What the model sees of the latents at step i. */
  scaleModelInput(x: Float32Array, i: number): Float32Array;
  /** The latents after step i. `fresh`: new standard normal numbers, which only stochastic samplers ask for. */
  step(modelOutput: Float32Array, i: number, x: Float32Array, fresh: () => Float32Array): Float32Array;
  /** x0 at the noise level the latents have *after* step i: what frozen pixels are put back to. */
  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array;
}

/** signal·x0 + sigma·noise */
export const mixed = (x0: Float32Array, noise: Float32Array, signal: number, sigma: number): Float32Array =>
  x0.map((v, k) => signal * v + sigma * noise[k]!);

export const scaled = (x: Float32Array, by: number): Float32Array => x.map((v) => v * by);
