import type { DiscreteSchedule } from '../schedules/discrete.js';
import { levelOf, type Next, overTimesteps, type Sampler } from './sampler.js';

/** From timestep t to where ᾱ is `next`: the same picture with less of the same noise. */
export function cleaner({ alphasCumprod }: DiscreteSchedule, t: number, next: number): Next {
  const alpha = alphasCumprod[t]!;
  // the noise that is left of x = √ᾱ x0 + √(1 − ᾱ) ε, and the clean latents beside it
  const left = Math.sqrt((1 - next) / (1 - alpha));
  return { x: left, clean: Math.sqrt(next) - left * Math.sqrt(alpha) };
}

/** Denoising diffusion implicit models (Song et al. 2021), η = 0. */
export function ddim(schedule: DiscreteSchedule, steps: number): Sampler {
  const stride = Math.floor(schedule.config.num_train_timesteps / steps);
  return overTimesteps(schedule, schedule.timesteps(steps).map(Math.round), (t) => {
    const alpha = t >= stride ? schedule.alphasCumprod[t - stride]! : schedule.finalAlphaCumprod;
    return { next: cleaner(schedule, t, alpha), level: levelOf(alpha) };
  });
}
