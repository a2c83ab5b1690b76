import type { NoiseSchedule } from '../schedules/index.js';
import { overSigmas, type Sampler } from './sampler.js';

/**
 * DPM-Solver++ of second order, multistep, midpoint (Lu et al. 2022, arXiv 2211.01095, algorithm 2), and its SDE form
 * (section 6 there), at x = x0 + σ·ε, where its λ is −log σ. The first and the last step are of first order, as in
 * diffusers.
 */
export function dpmSolver(schedule: NoiseSchedule, steps: number, sde = false): Sampler {
  const walk = schedule.walk(steps, 'multistep');
  const lambda = walk.sigmas.map((sigma) => -Math.log(sigma));
  return overSigmas(schedule, walk, (from, to, i) => {
    const [a, b, c] = [lambda[i - 1]!, lambda[i]!, lambda[i + 1]!];
    // D0 + D1/2 of the paper: the clean latents half a step further along the line through these and the ones before
    const ahead = i > 0 && to > 0 ? (0.5 * (c - b)) / (b - a) : 0;
    const left = to / from; // exp(−h)
    const x = sde ? left ** 2 : left;
    const fresh = sde ? to * Math.sqrt(1 - left ** 2) : 0;
    return { x, clean: (1 - x) * (1 + ahead), before: (x - 1) * ahead, fresh };
  });
}
