import type { NoiseSchedule } from '../schedules/index.js';
import { type Next, overSigmas, type Sampler } from './sampler.js';

/** Along the probability-flow ODE to where `left` of the noise is left: a line through the clean latents. */
const toward = (left: number): Next => ({ x: left, clean: 1 - left });

/** Euler steps of that ODE in σ (Karras et al. 2022, algorithm 1 without churn). */
export const euler = (schedule: NoiseSchedule, steps: number): Sampler =>
  overSigmas(schedule, schedule.walk(steps, 'single step'), (from, to) => toward(to / from));

/** Euler steps that go deeper and come back up with fresh noise (k-diffusion's ancestral sampling): SDXL-Turbo's own. */
export const eulerAncestral = (schedule: NoiseSchedule, steps: number): Sampler =>
  overSigmas(schedule, schedule.walk(steps, 'single step'), (from, to) => {
    const fresh = Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2);
    return { ...toward(Math.sqrt(to ** 2 - fresh ** 2) / from), fresh };
  });
