import type { SchedulerConfig } from '../../checkpoint/config/scheduler.js';
import type { SamplerName } from '../../checkpoint/config/sampler.js';
import { UserError } from '../../errors.js';
import { DiscreteSchedule } from '../schedules/discrete.js';
import type { NoiseSchedule } from '../schedules/index.js';
import { ddim } from './ddim.js';
import { dpmSolver } from './dpmSolver.js';
import { euler, eulerAncestral } from './euler.js';
import { lcm } from './lcm.js';
import type { Sampler } from './sampler.js';
import { tcd } from './tcd.js';

export { SAMPLER_NAMES, type SamplerName } from '../../checkpoint/config/sampler.js';
export type { Level, Sampler, Step } from './sampler.js';

/** Samplers that know noise by its σ alone. */
const CONTINUOUS = {
  euler,
  'euler-ancestral': eulerAncestral,
  'dpm++': (schedule, steps) => dpmSolver(schedule, steps),
  'dpm++-sde': (schedule, steps) => dpmSolver(schedule, steps, true),
} as const satisfies Partial<Record<SamplerName, (schedule: NoiseSchedule, steps: number) => Sampler>>;

/** Samplers that walk over the timesteps of discrete noise. */
const DISCRETE = { ddim, lcm, tcd } as const satisfies Record<
  Exclude<SamplerName, keyof typeof CONTINUOUS>,
  (schedule: DiscreteSchedule, steps: number) => Sampler
>;

const isContinuous = (name: SamplerName): name is keyof typeof CONTINUOUS => name in CONTINUOUS;

/** @throws UserError when the checkpoint's noise has no such walk */
export function makeSampler(name: SamplerName, schedule: NoiseSchedule, steps: number): Sampler {
  if (isContinuous(name)) return CONTINUOUS[name](schedule, steps);
  if (schedule instanceof DiscreteSchedule) return DISCRETE[name](schedule, steps);
  throw new UserError(
    `the sampler ${name} is for checkpoints of discrete noise, and this one is not: take ${Object.keys(CONTINUOUS).join(', ')}`,
  );
}

export interface Sampling {
  readonly sampler: SamplerName;
  readonly steps: number;
  readonly guidance: number;
}

/**
 * How a checkpoint is sampled that nobody says more of: as it was distilled, or by D-Edit's Euler.
 * @param embedsGuidance whether the denoiser was taught to hear guidance's scale
 */
export function samplingDefaults(scheduler: SchedulerConfig, embedsGuidance: boolean): Sampling {
  // the scale that the authors' pipeline takes (diffusers' LatentConsistencyModelPipeline); trained between 3 and 15
  if (embedsGuidance) return { sampler: 'lcm', steps: 4, guidance: 8.5 };
  if (scheduler.class_name === 'LCMScheduler') return { sampler: 'lcm', steps: 4, guidance: 1 };
  if (scheduler.class_name === 'TCDScheduler') return { sampler: 'tcd', steps: 4, guidance: 1 };
  if (scheduler.class_name !== 'EDMDPMSolverMultistepScheduler')
    return { sampler: 'euler', steps: 20, guidance: 3 };
  const stochastic = scheduler.noise === 'edm' && scheduler.algorithm_type.startsWith('sde');
  return { sampler: stochastic ? 'dpm++-sde' : 'dpm++', steps: 20, guidance: 3 };
}
