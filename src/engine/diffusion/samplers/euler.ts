import type { NoiseSchedule } from '../schedules/index.js';
import { mixed, type Sampler, scaled } from './sampler.js';

/** Euler steps of the probability-flow ODE in σ (Karras et al. 2022, algorithm 1 without churn). */
export class EulerDiscrete implements Sampler {
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[];
  readonly initNoiseSigma: number;

  constructor(
    private readonly schedule: NoiseSchedule,
    steps: number,
  ) {
    const { timesteps, sigmas, start } = schedule.walk(steps, 'single step');
    [this.timesteps, this.sigmas, this.initNoiseSigma] = [timesteps, sigmas, start];
  }

  scaleModelInput(x: Float32Array, i: number): Float32Array {
    return scaled(x, this.schedule.preconditioning(this.sigmas[i]!).in);
  }

  step(modelOutput: Float32Array, i: number, x: Float32Array, _fresh: () => Float32Array): Float32Array {
    return this.walk(modelOutput, i, x, this.sigmas[i + 1]!);
  }

  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array {
    return mixed(x0, noise, 1, this.sigmas[i + 1]!);
  }

  /** Along the ODE from step i's level down to `next`: a line through the clean latents. */
  protected walk(modelOutput: Float32Array, i: number, x: Float32Array, next: number): Float32Array {
    const sigma = this.sigmas[i]!;
    const left = next / sigma;
    return mixed(x, this.schedule.clean(x, modelOutput, sigma), left, 1 - left);
  }
}

/** Euler steps that go deeper and come back up with fresh noise (k-diffusion's ancestral sampling): SDXL-Turbo's own. */
export class EulerAncestral extends EulerDiscrete {
  override step(out: Float32Array, i: number, x: Float32Array, fresh: () => Float32Array): Float32Array {
    const [from, to] = [this.sigmas[i]!, this.sigmas[i + 1]!];
    const up = Math.sqrt((to ** 2 * (from ** 2 - to ** 2)) / from ** 2);
    const lower = this.walk(out, i, x, Math.sqrt(to ** 2 - up ** 2));
    return up > 0 ? mixed(lower, fresh(), 1, up) : lower;
  }
}
