import type { NoiseSchedule } from '../schedule.js';
import { mixed, type Sampler } from './sampler.js';

/** Euler steps of the probability-flow ODE in σ (Karras et al. 2022, algorithm 1 without churn). */
export class EulerDiscrete implements Sampler {
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[];
  readonly initNoiseSigma: number;

  constructor(
    private readonly schedule: NoiseSchedule,
    steps: number,
  ) {
    this.timesteps = schedule.timesteps(steps);
    this.sigmas = [...this.timesteps.map((t) => schedule.sigma(t)), 0];
    const largest = this.sigmas[0]!;
    // as diffusers: 'leading' does not start at pure noise and adds the signal's unit variance
    this.initNoiseSigma =
      schedule.config.timestep_spacing === 'leading' ? Math.sqrt(largest ** 2 + 1) : largest;
  }

  scaleModelInput(x: Float32Array, i: number): Float32Array {
    const scale = 1 / Math.sqrt(this.sigmas[i]! ** 2 + 1);
    return x.map((v) => v * scale);
  }

  step(modelOutput: Float32Array, i: number, x: Float32Array, _fresh: () => Float32Array): Float32Array {
    return this.walk(modelOutput, i, x, this.sigmas[i + 1]!);
  }

  noisyAfter(x0: Float32Array, noise: Float32Array, i: number): Float32Array {
    return mixed(x0, noise, 1, this.sigmas[i + 1]!);
  }

  /** Along the ODE from step i's level down to `next`. */
  protected walk(modelOutput: Float32Array, i: number, x: Float32Array, next: number): Float32Array {
    const sigma = this.sigmas[i]!;
    if (this.schedule.config.prediction_type === 'epsilon') {
      return x.map((v, k) => v + modelOutput[k]! * (next - sigma));
    }
    const variance = sigma ** 2 + 1;
    return x.map((v, k) => {
      const x0 = v / variance - (modelOutput[k]! * sigma) / Math.sqrt(variance);
      return v + ((v - x0) / sigma) * (next - sigma);
    });
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
