import type { DiscreteSchedule } from '../schedules/discrete.js';
import { mixed, type Sampler } from './sampler.js';

/** How many steps the teacher's ODE was cut into when the model was distilled. */
const ORIGINAL_STEPS = 50;

/** What samplers of consistency models share: a few of the timesteps that these were distilled at. */
export abstract class Distilled {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma = 1;

  /** @param steps 1–50; more are as many as there are */
  constructor(
    protected readonly schedule: DiscreteSchedule,
    steps: number,
  ) {
    this.timesteps = distilledTimesteps(schedule, steps);
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }
}

/** `steps` of the timesteps that consistency models were distilled at, falling and evenly spread; at most all of them. */
function distilledTimesteps({ config }: DiscreteSchedule, steps: number): number[] {
  const stride = Math.floor(config.num_train_timesteps / ORIGINAL_STEPS);
  const falling = Array.from({ length: ORIGINAL_STEPS }, (_, i) => (ORIGINAL_STEPS - i) * stride - 1);
  const count = Math.min(steps, ORIGINAL_STEPS);
  return Array.from({ length: count }, (_, i) => falling[Math.floor((i * ORIGINAL_STEPS) / count)]!);
}

/** The boundary condition's σ_data and the factor that t is scaled by (as in the authors' code). */
const SIGMA_DATA = 0.5;
const TIMESTEP_SCALING = 10;

/**
 * Multistep consistency sampling of latent consistency models (Luo et al. 2023, arXiv 2310.04378, algorithm 3): each
 * step jumps to clean latents and puts noise of the next level on them. For checkpoints and LoRAs distilled that way.
 */
export class Lcm extends Distilled implements Sampler {
  step(modelOutput: Float32Array, i: number, x: Float32Array, fresh: () => Float32Array): Float32Array {
    const t = this.timesteps[i]!;
    const x0 = this.schedule.original(x, modelOutput, t);
    const scaled = t * TIMESTEP_SCALING;
    const skip = SIGMA_DATA ** 2 / (scaled ** 2 + SIGMA_DATA ** 2);
    const out = scaled / Math.sqrt(scaled ** 2 + SIGMA_DATA ** 2);
    const denoised = mixed(x0, x, out, skip);
    return i + 1 < this.timesteps.length ? this.noisyAfter(denoised, fresh(), i) : denoised;
  }

  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array {
    const next = this.timesteps[i + 1];
    if (next === undefined) return x0.slice();
    const alpha = this.schedule.alphasCumprod[next]!;
    return mixed(x0, noise, Math.sqrt(alpha), Math.sqrt(1 - alpha));
  }
}
