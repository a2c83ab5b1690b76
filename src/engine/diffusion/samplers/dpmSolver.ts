import type { NoiseSchedule } from '../schedule.js';
import { cleanLatents, mixed, type Sampler } from './sampler.js';

/**
 * DPM-Solver++ of second order, multistep, midpoint (Lu et al. 2022, arXiv 2211.01095, algorithm 2), and its SDE form
 * (section 6 there). In λ = log(signal/σ); the first and the last step are of first order, as in diffusers.
 */
export class DpmSolver implements Sampler {
  readonly timesteps: readonly number[];
  readonly initNoiseSigma = 1;
  readonly #sigmas: readonly number[];
  /** What the step before said of the clean latents. */
  #last: { readonly i: number; readonly x0: Float32Array } | undefined;

  constructor(
    private readonly schedule: NoiseSchedule,
    steps: number,
    private readonly sde = false,
  ) {
    this.timesteps = spaced(schedule, steps);
    this.#sigmas = [...this.timesteps.map((t) => schedule.sigma(t)), 0];
  }

  scaleModelInput(x: Float32Array): Float32Array {
    return x;
  }

  step(modelOutput: Float32Array, i: number, x: Float32Array, fresh: () => Float32Array): Float32Array {
    const [from, to] = [this.#rates(i), this.#rates(i + 1)];
    const x0 = cleanLatents(this.schedule, modelOutput, x, from.signal, from.sigma);
    const before = this.#last?.i === i - 1 && to.sigma > 0 ? this.#last.x0 : undefined;
    this.#last = { i, x0 };
    const target = before ? this.#extrapolated(x0, before, i) : x0;
    const h = to.lambda - from.lambda; // infinite at the last step: everything below holds in the limit
    const shrink = Math.exp(-h);
    if (!this.sde) return mixed(x, target, to.sigma / from.sigma, to.signal * (1 - shrink));
    const gained = 1 - shrink ** 2;
    const drift = mixed(x, target, (to.sigma / from.sigma) * shrink, to.signal * gained);
    return to.sigma > 0 ? mixed(drift, fresh(), 1, to.sigma * Math.sqrt(gained)) : drift;
  }

  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array {
    const { signal, sigma } = this.#rates(i + 1);
    return mixed(x0, noise, signal, sigma);
  }

  /** D0 + D1/2 of the paper: the clean latents half a step further along the line through this and the last guess. */
  #extrapolated(x0: Float32Array, before: Float32Array, i: number): Float32Array {
    const [a, b, c] = [this.#rates(i - 1).lambda, this.#rates(i).lambda, this.#rates(i + 1).lambda];
    const ahead = (0.5 * (c - b)) / (b - a);
    return mixed(x0, before, 1 + ahead, -ahead);
  }

  #rates(i: number): { signal: number; sigma: number; lambda: number } {
    const ratio = this.#sigmas[i]!;
    const signal = 1 / Math.sqrt(ratio ** 2 + 1);
    return { signal, sigma: ratio * signal, lambda: -Math.log(ratio) };
  }
}

/** diffusers' DPMSolverMultistepScheduler spaces one step more than it takes and leaves out the cleanest. */
function spaced({ config }: NoiseSchedule, steps: number): number[] {
  const { num_train_timesteps: total, timestep_spacing, steps_offset } = config;
  const falling = Array.from({ length: steps }, (_, i) => steps - i);
  switch (timestep_spacing) {
    case 'linspace':
      return falling.map((k) => roundHalfToEven((k * (total - 1)) / steps));
    case 'leading':
      return falling.map((k) => k * Math.floor(total / (steps + 1)) + steps_offset);
    case 'trailing':
      return falling.map((k) => roundHalfToEven((k * total) / steps) - 1);
  }
}

/** As numpy rounds. */
function roundHalfToEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}
