import type { DiscreteSchedule } from '../schedules/discrete.js';
import { levelOf, overTimesteps, type Sampler } from './sampler.js';

/** How many steps the teacher's ODE was cut into when the model was distilled. */
const ORIGINAL_STEPS = 50;

/**
 * `steps` of the timesteps that consistency models were distilled at, falling and evenly spread.
 * @param steps 1–50; more are as many as there are
 */
export function distilledTimesteps({ config }: DiscreteSchedule, steps: number): number[] {
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
export function lcm(schedule: DiscreteSchedule, steps: number): Sampler {
  const timesteps = distilledTimesteps(schedule, steps);
  return overTimesteps(schedule, timesteps, (t, i) => {
    const scaled = t * TIMESTEP_SCALING;
    const skip = SIGMA_DATA ** 2 / (scaled ** 2 + SIGMA_DATA ** 2);
    const out = scaled / Math.sqrt(scaled ** 2 + SIGMA_DATA ** 2);
    const after = timesteps[i + 1];
    const level = levelOf(after === undefined ? 1 : schedule.alphasCumprod[after]!);
    return { next: { x: level.signal * skip, clean: level.signal * out, fresh: level.noise }, level };
  });
}
