import type { DiscreteSchedule } from '../schedules/discrete.js';
import { cleaner } from './ddim.js';
import { distilledTimesteps } from './lcm.js';
import { levelOf, overTimesteps, type Sampler } from './sampler.js';

/** How far past the next level a step goes before noise brings it back: 0 adds none, 1 is LCM's way (its authors' 0.3). */
const GAMMA = 0.3;

/**
 * Strategic stochastic sampling of trajectory consistency models (Zheng et al. 2024, arXiv 2402.19159, algorithm 4): each
 * step follows the ODE to a level cleaner than the next one and goes back to that with fresh noise. One step is the
 * jump alone, as Hyper-SD's one-step LoRAs want it.
 */
export function tcd(schedule: DiscreteSchedule, steps: number): Sampler {
  const { alphasCumprod } = schedule;
  const timesteps = distilledTimesteps(schedule, steps);
  return overTimesteps(schedule, timesteps, (t, i) => {
    // the last step ends at timestep 0, from which nothing leads back
    const after = timesteps[i + 1] ?? 0;
    const past = alphasCumprod[Math.floor((1 - GAMMA) * after)]!;
    const jump = cleaner(schedule, t, past);
    const back = levelOf(alphasCumprod[after]! / past);
    return {
      next: { x: back.signal * jump.x, clean: back.signal * jump.clean, fresh: back.noise },
      level: levelOf(alphasCumprod[after]!),
    };
  });
}
