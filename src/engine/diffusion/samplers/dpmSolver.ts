import type { NoiseSchedule } from '../schedules/index.js';
import { mixed, type Sampler, scaled } from './sampler.js';

/**
 * DPM-Solver++ of second order, multistep, midpoint (Lu et al. 2022, arXiv 2211.01095, algorithm 2), and its SDE form
 * (section 6 there), at x = x0 + σ·ε, where its λ is −log σ. The first and the last step are of first order, as in
 * diffusers.
 */
export class DpmSolver implements Sampler {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma: number;
  readonly #sigmas: readonly number[];
  /** What the step before said of the clean latents. */
  #last: { readonly i: number; readonly x0: Float32Array } | undefined;

  constructor(
    private readonly schedule: NoiseSchedule,
    steps: number,
    private readonly sde = false,
  ) {
    const { timesteps, sigmas, start } = schedule.walk(steps, 'multistep');
    [this.timesteps, this.#sigmas, this.initNoiseSigma] = [timesteps, sigmas, start];
  }

  scaleModelInput(x: Float32Array, i: number): Float32Array {
    return scaled(x, this.schedule.preconditioning(this.#sigmas[i]!).in);
  }

  step(modelOutput: Float32Array, i: number, x: Float32Array, fresh: () => Float32Array): Float32Array {
    const [from, to] = [this.#sigmas[i]!, this.#sigmas[i + 1]!];
    const x0 = this.schedule.clean(x, modelOutput, from);
    const before = this.#last?.i === i - 1 && to > 0 ? this.#last.x0 : undefined;
    this.#last = { i, x0 };
    const target = before ? this.#extrapolated(x0, before, i) : x0;
    const left = to / from; // exp(−h)
    if (!this.sde) return mixed(x, target, left, 1 - left);
    const drift = mixed(x, target, left ** 2, 1 - left ** 2);
    return to > 0 ? mixed(drift, fresh(), 1, to * Math.sqrt(1 - left ** 2)) : drift;
  }

  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array {
    return mixed(x0, noise, 1, this.#sigmas[i + 1]!);
  }

  /** D0 + D1/2 of the paper: the clean latents half a step further along the line through this and the last guess. */
  #extrapolated(x0: Float32Array, before: Float32Array, i: number): Float32Array {
    const [a, b, c] = [i - 1, i, i + 1].map((k) => -Math.log(this.#sigmas[k]!)) as [number, number, number];
    const ahead = (0.5 * (c - b)) / (b - a);
    return mixed(x0, before, 1 + ahead, -ahead);
  }
}
