import type { SchedulerConfig } from '../../checkpoint/config/scheduler.js';
import type { NoiseSchedule } from '../schedule.js';
import { Ddim } from './ddim.js';
import { DpmSolver } from './dpmSolver.js';
import { EulerAncestral, EulerDiscrete } from './euler.js';
import { Lcm } from './lcm.js';
import type { Sampler } from './sampler.js';

export type { Sampler } from './sampler.js';

const SAMPLERS = {
  euler: (schedule, steps) => new EulerDiscrete(schedule, steps),
  'euler-ancestral': (schedule, steps) => new EulerAncestral(schedule, steps),
  ddim: (schedule, steps) => new Ddim(schedule, steps),
  'dpm++': (schedule, steps) => new DpmSolver(schedule, steps),
  'dpm++-sde': (schedule, steps) => new DpmSolver(schedule, steps, true),
  lcm: (schedule, steps) => new Lcm(schedule, steps),
} as const satisfies Record<string, (schedule: NoiseSchedule, steps: number) => Sampler>;

export type SamplerName = keyof typeof SAMPLERS;

export const SAMPLER_NAMES = Object.keys(SAMPLERS) as readonly SamplerName[];

export const makeSampler = (name: SamplerName, schedule: NoiseSchedule, steps: number): Sampler =>
  SAMPLERS[name](schedule, steps);

/** How a checkpoint is sampled whose makers recommend nothing else: D-Edit's Euler, or as it was distilled. */
export const samplingDefaults = ({
  class_name,
}: SchedulerConfig): { sampler: SamplerName; steps: number; guidance: number } =>
  class_name === 'LCMScheduler'
    ? { sampler: 'lcm', steps: 4, guidance: 1 }
    : { sampler: 'euler', steps: 20, guidance: 3 };
