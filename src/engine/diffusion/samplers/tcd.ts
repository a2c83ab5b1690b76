import { cleaner } from './ddim.js';
import { Distilled } from './lcm.js';
import { mixed, type Sampler } from './sampler.js';

/** How far past the next level a step goes before noise brings it back: 0 adds none, 1 is LCM's way (its authors' 0.3). */
const GAMMA = 0.3;

/**
 * Strategic stochastic sampling of trajectory consistency models (Zheng et al. 2024, arXiv 2402.19159, algorithm 4): each
 * step follows the ODE to a level cleaner than the next one and goes back to that with fresh noise. One step is the
 * jump alone, as Hyper-SD's one-step LoRAs want it.
 */
export class Tcd extends Distilled implements Sampler {
  step(modelOutput: Float32Array, i: number, x: Float32Array, fresh: () => Float32Array): Float32Array {
    const { alphasCumprod } = this.schedule;
    const past = alphasCumprod[Math.floor((1 - GAMMA) * this.#after(i))]!;
    const jumped = cleaner(this.schedule, x, modelOutput, this.timesteps[i]!, past);
    if (i + 1 === this.timesteps.length) return jumped;
    const kept = alphasCumprod[this.#after(i)]! / past;
    return mixed(jumped, fresh(), Math.sqrt(kept), Math.sqrt(1 - kept));
  }

  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array {
    const alpha = this.schedule.alphasCumprod[this.#after(i)]!;
    return mixed(x0, noise, Math.sqrt(alpha), Math.sqrt(1 - alpha));
  }

  /** The timestep that step i ends at: 0 the last. */
  #after(i: number): number {
    return this.timesteps[i + 1] ?? 0;
  }
}
