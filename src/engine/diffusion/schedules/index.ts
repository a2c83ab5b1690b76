import type { SchedulerConfig } from '../../checkpoint/config/scheduler.js';
import { DiscreteSchedule } from './discrete.js';
import { EdmSchedule } from './edm.js';
import type { NoiseSchedule } from './schedule.js';

export type { NoiseSchedule } from './schedule.js';

/** The noise that a checkpoint's scheduler describes: a new kind is a new branch here. */
export const scheduleOf = (config: SchedulerConfig): NoiseSchedule =>
  config.noise === 'edm' ? new EdmSchedule(config) : new DiscreteSchedule(config);
