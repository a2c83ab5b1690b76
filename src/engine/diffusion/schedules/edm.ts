import type { EdmSchedulerConfig } from '../../checkpoint/config/scheduler.js';
import { NoiseSchedule, type Preconditioning, type Walk } from './schedule.js';

/**
 * Noise by its σ alone, and a denoiser that always sees and answers with unit variance (Karras et al. 2022, arXiv
 * 2206.00364): Playground 2.5, CosXL. The mean squared error of its answer is their loss, λ(σ)·(D − x_0)² with λ = 1/c_out²
 * (equation 8 there). Levels for learning are those of the scheduler, as in diffusers' scripts.
 */
export class EdmSchedule extends NoiseSchedule {
  constructor(readonly config: EdmSchedulerConfig) {
    super();
  }

  get levels(): number {
    return this.config.num_train_timesteps;
  }

  sigma(level: number): number {
    return this.#sigmaAt(1 - level / (this.levels - 1));
  }

  timestep(level: number): number {
    return told(this.sigma(level));
  }

  preconditioning(sigma: number): Preconditioning {
    const { sigma_data: data, prediction_type } = this.config;
    const whole = Math.sqrt(sigma ** 2 + data ** 2);
    // diffusers' v-prediction differs from its epsilon by the sign alone
    const sign = prediction_type === 'epsilon' ? 1 : -1;
    return { skip: (data / whole) ** 2, out: (sign * sigma * data) / whole, in: 1 / whole };
  }

  walk(steps: number): Walk {
    const sigmas = Array.from({ length: steps }, (_, i) => this.#sigmaAt(steps === 1 ? 0 : i / (steps - 1)));
    return {
      sigmas: [...sigmas, 0],
      timesteps: sigmas.map(told),
      start: Math.sqrt(this.config.sigma_max ** 2 + 1),
    };
  }

  /** σ at a share of the way from the noisiest (0) to the cleanest (1). */
  #sigmaAt(share: number): number {
    const { sigma_min: least, sigma_max: most, sigma_schedule, rho } = this.config;
    if (sigma_schedule === 'exponential') return most * (least / most) ** share;
    return (most ** (1 / rho) + share * (least ** (1 / rho) - most ** (1 / rho))) ** rho;
  }
}

/** c_noise of the paper's table 1. */
const told = (sigma: number): number => Math.log(sigma) / 4;
