import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DiscreteSchedulerConfig } from '../../../src/engine/checkpoint/config/scheduler.js';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { gaussians } from '../../../src/engine/diffusion/random.js';
import { sample } from '../../../src/engine/diffusion/sample.js';
import { makeSampler, type SamplerName } from '../../../src/engine/diffusion/samplers/index.js';
import { scheduleOf } from '../../../src/engine/diffusion/schedules/index.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is tiny_sd() of training/reference/fixtures.py. */
const io = readFixture('tiny-sd/io.safetensors');
const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
const scheduler = checkpoint.scheduler as DiscreteSchedulerConfig;

describe.each(['leading', 'linspace', 'trailing'] as const)('%s timesteps against diffusers', (spacing) => {
  const schedule = scheduleOf({ ...scheduler, timestep_spacing: spacing });
  it.each([10, 20, 50])('%i steps', (steps) => {
    const walked = (name: SamplerName) =>
      makeSampler(name, schedule, steps).steps.map(({ timestep }) => timestep);
    const { sigmas } = schedule.walk(steps, 'single step');
    const euler = `out.euler.${spacing}.${steps}`;
    expect(relativeError(walked('euler'), io[`${euler}.timesteps`]!.data)).toBeLessThan(1e-6);
    expect(relativeError(sigmas, io[`${euler}.sigmas`]!.data)).toBeLessThan(1e-5);
    expect(walked('ddim')).toEqual([...io[`out.ddim.${spacing}.${steps}.timesteps`]!.data]);
  });
});

describe('twenty steps of guided, grouped sampling against diffusers', () => {
  const cases = (['epsilon', 'v_prediction'] as const).flatMap((kind) =>
    (['euler', 'ddim', 'euler-regions'] as const).map((name) => [name, kind] as const),
  );
  it.each(cases)('%s, %s', async (name, kind) => {
    const pipeline = new Pipeline(checkpoint);
    const prompts = await pipeline.encodePrompts(['green grass', 'a dog', 'a red apple']);
    const empty = await pipeline.encodePrompts(['']);
    const labels = { width: 8, height: 8, data: Uint8Array.from(io['in.labels_8x8']!.data) };
    const size = { height: 8, width: 8 };
    const denoise = await pipeline.predictor({
      ...size,
      rows: [empty, prompts],
      groups: {
        ...pipeline.groups(['ordinary', labels], size, 3),
        // the reference takes every second label, as D-Edit's nearest sampling does; groups votes
        pixel_groups_4x4: {
          shape: [2, 16],
          data: Int32Array.from([...new Array(16).fill(0), ...io['in.labels_4x4']!.data]),
        },
      },
    });
    const schedule = scheduleOf({ ...scheduler, prediction_type: kind });
    const latents = await sample(pipeline, {
      sampler: makeSampler(name.replace('-regions', '') as SamplerName, schedule, 20),
      guidanceScale: 3,
      noise: io['in.initial']!.data,
      stepNoise: () => {
        throw new Error('these samplers add no noise');
      },
      regions:
        name === 'euler-regions'
          ? {
              active: Uint8Array.from(io['in.hard']!.data, (h, i) => Number(!h && !io['in.soft']!.data[i])),
              soft: Uint8Array.from(io['in.soft']!.data),
              strength: 0.6,
              original: io['in.original']!.data,
            }
          : undefined,
      denoise,
    });
    expect(relativeError(latents, io[`out.${name}.${kind}.latents`]!.data)).toBeLessThan(1e-3);
    const { data } = await pipeline.decodeLatents({ shape: [1, 4, 8, 8], data: latents });
    const reference = io[`out.${name}.${kind}.picture`]!.data;
    const area = data.length / 3;
    let error = 0;
    for (let i = 0; i < area; i++)
      for (let c = 0; c < 3; c++) error += Math.abs(data[i * 3 + c]! - reference[c * area + i]!);
    expect(error / data.length).toBeLessThan(1); // of 255
  });
});

it('draws the same standard normal numbers from a seed anywhere', () => {
  const many = gaussians(100_000, 7, 1);
  const mean = many.reduce((a, b) => a + b, 0) / many.length;
  const variance = many.reduce((a, b) => a + (b - mean) ** 2, 0) / many.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(variance - 1)).toBeLessThan(0.02);
  expect(gaussians(4, 7, 1)).toEqual(many.subarray(0, 4));
  expect(gaussians(4, 7, 2)).not.toEqual(many.subarray(0, 4));
});

it('a denoiser answers when its session has made room for another meanwhile', async () => {
  const pipeline = new Pipeline(checkpoint);
  const size = { height: 8, width: 8 };
  const prompts = await pipeline.encodePrompts(['a dog']);
  const groups = pipeline.groups(['ordinary'], size, 1);
  const denoise = await pipeline.predictor({ ...size, rows: [prompts], groups });
  const x = gaussians(4 * 8 * 8, 1);
  const before = await denoise(x, 500);
  await pipeline.sessions.clear();
  expect(await denoise(x, 500)).toEqual(before);
});
