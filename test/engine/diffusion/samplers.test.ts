import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type DiscreteSchedulerConfig,
  type SchedulerConfig,
  schedulerConfig,
} from '../../../src/engine/checkpoint/config/scheduler.js';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { sample } from '../../../src/engine/diffusion/sample.js';
import { makeSampler, type Sampler, type SamplerName } from '../../../src/engine/diffusion/samplers/index.js';
import { scheduleOf } from '../../../src/engine/diffusion/schedules/index.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is training/reference/sampler_fixtures.py: diffusers' schedulers, the same random weights. */
const [io, edm] = [readFixture('samplers/io.safetensors'), readFixture('samplers/edm.safetensors')];
const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
const pipeline = new Pipeline(checkpoint);
const guidances: Readonly<Record<string, number>> = {
  'lcm.leading.4': 1,
  'lcm.leading.7': 1.5,
  'tcd.leading.1': 1,
  'tcd.leading.4': 1,
  'tcd.leading.7': 1.5,
  'euler.trailing.1': 1,
  'euler.trailing.4': 1,
  'euler-ancestral.trailing.4': 1,
};
const namesOf = (file: typeof io): string[] =>
  Object.keys(file)
    .filter((key) => key.endsWith('.latents'))
    .map((key) => key.slice('out.'.length, -'.latents'.length));

/** Rows that listen to nothing and to 'a red apple'. */
async function told(count: 1 | 2) {
  const [empty, apple] = [await pipeline.encodePrompts(['']), await pipeline.encodePrompts(['a red apple'])];
  const size = { height: 8, width: 8 };
  const groups = pipeline.groups(Array(count).fill('ordinary'), size, 1);
  return await pipeline.predictor({ ...size, rows: count === 2 ? [empty, apple] : [apple], groups });
}

const timestepsOf = ({ steps }: Sampler): number[] => steps.map(({ timestep }) => timestep);

/** From noise to a picture as diffusers goes there: the same timesteps, latents and, nearly, picture. */
async function followed(name: string, config: SchedulerConfig, file: typeof io): Promise<void> {
  const [kind, , steps] = name.split('.') as [string, string, string];
  const schedule = scheduleOf(config);
  const sampler = makeSampler(kind.replace('zero-', '') as SamplerName, schedule, Number(steps));
  expect(relativeError(timestepsOf(sampler), file[`out.${name}.timesteps`]!.data)).toBeLessThan(1e-6);
  const denoise = await told(2);
  const { shape, data } = io['in.step_noise']!;
  const size = data.length / shape[0]!;
  const latents = await sample(pipeline, {
    sampler,
    guidanceScale: guidances[name] ?? 3,
    noise: io['in.initial']!.data,
    stepNoise: (i) => data.slice(i * size, (i + 1) * size),
    denoise,
  });
  expect(relativeError(latents, file[`out.${name}.latents`]!.data)).toBeLessThan(2e-3);
  const picture = await pipeline.decodeLatents({ shape: [1, 4, 8, 8], data: latents });
  const reference = file[`out.${name}.picture`]!.data;
  const area = picture.data.length / 3;
  let error = 0;
  for (let i = 0; i < area; i++)
    for (let c = 0; c < 3; c++) error += Math.abs(picture.data[i * 3 + c]! - reference[c * area + i]!);
  expect(error / picture.data.length).toBeLessThan(1); // of 255
}

describe('samplers against diffusers, from noise to picture', () => {
  it.each(namesOf(io))('%s', async (name) => {
    const zero = name.startsWith('zero-') && {
      ...{ rescale_betas_zero_snr: true, prediction_type: 'v_prediction' as const, set_alpha_to_one: true },
    };
    const discrete = checkpoint.scheduler as DiscreteSchedulerConfig;
    const timestep_spacing = name.split('.')[1] as DiscreteSchedulerConfig['timestep_spacing'];
    await followed(name, { ...discrete, timestep_spacing, ...zero }, io);
  });
});

/** As their files have it. */
const EDM: Readonly<Record<string, SchedulerConfig>> = {
  playground: schedulerConfig('playground', {
    ...{ _class_name: 'EDMDPMSolverMultistepScheduler', sigma_min: 0.002, sigma_max: 80, sigma_data: 0.5 },
    ...{ prediction_type: 'epsilon', rho: 7, final_sigmas_type: 'zero', thresholding: false },
  }),
  cosxl: schedulerConfig('cosxl', {
    ...{ _class_name: 'EDMEulerScheduler', sigma_min: 0.002, sigma_max: 120, sigma_data: 1 },
    ...{ prediction_type: 'v_prediction', sigma_schedule: 'exponential' },
  }),
};

describe('noise by its sigma against diffusers', () => {
  it.each(namesOf(edm))('%s', async (name) => {
    await followed(name, EDM[name.split('.')[1]!]!, edm);
  });

  it.each(Object.keys(EDM))("%s: what is learned is the paper's weighted loss", async (name) => {
    const schedule = scheduleOf(EDM[name]!);
    const [x0, steps] = [io['in.initial']!.data, io['in.step_noise']!];
    const noise = steps.data.subarray(0, x0.length);
    const denoise = await told(1);
    const losses: number[] = [];
    for (const level of [30, 400, 700, 950]) {
      const answer = await denoise(schedule.addNoise(x0, noise, level), schedule.timestep(level));
      const target = schedule.target(x0, noise, level);
      losses.push(answer.reduce((sum, a, i) => sum + (a - target[i]!) ** 2 / answer.length, 0));
      const back = schedule.original(schedule.addNoise(x0, noise, level), target, level);
      expect(relativeError(back, x0)).toBeLessThan(1e-3);
    }
    expect(relativeError(losses, edm[`out.${name}.losses`]!.data)).toBeLessThan(1e-3);
  });

  it('is not walked over timesteps', () => {
    expect(() => makeSampler('lcm', scheduleOf(EDM.cosxl!), 4)).toThrow(
      'the sampler lcm is for checkpoints of discrete noise, and this one is not: take euler, euler-ancestral, dpm++, dpm++-sde',
    );
  });
});
