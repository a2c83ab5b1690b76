import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { sample } from '../../../src/engine/diffusion/sample.js';
import { makeSampler, type SamplerName } from '../../../src/engine/diffusion/samplers/index.js';
import { NoiseSchedule } from '../../../src/engine/diffusion/schedule.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** The PyTorch side is training/reference/sampler_fixtures.py: diffusers' schedulers, the same random weights. */
const io = readFixture('samplers/io.safetensors');
const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
const guidances: Readonly<Record<string, number>> = {
  'lcm.leading.4': 1,
  'lcm.leading.7': 1.5,
  'euler.trailing.1': 1,
  'euler.trailing.4': 1,
  'euler-ancestral.trailing.4': 1,
};
const names = Object.keys(io)
  .filter((key) => key.endsWith('.latents'))
  .map((key) => key.slice('out.'.length, -'.latents'.length));

describe('samplers against diffusers, from noise to picture', () => {
  it.each(names)('%s', async (name) => {
    const [kind, spacing, steps] = name.split('.') as [string, 'leading', string];
    const zero = kind.startsWith('zero-');
    const schedule = new NoiseSchedule({
      ...checkpoint.scheduler,
      timestep_spacing: spacing,
      ...(zero
        ? { rescale_betas_zero_snr: true, prediction_type: 'v_prediction', set_alpha_to_one: true }
        : {}),
    });
    const sampler = makeSampler(kind.replace('zero-', '') as SamplerName, schedule, Number(steps));
    expect(relativeError(sampler.timesteps, io[`out.${name}.timesteps`]!.data)).toBeLessThan(1e-6);

    const pipeline = new Pipeline(checkpoint);
    const [empty, apple] = [
      await pipeline.encodePrompts(['']),
      await pipeline.encodePrompts(['a red apple']),
    ];
    const frame = { height: 8, width: 8 };
    const denoise = await pipeline.predictor({
      ...frame,
      rows: [empty, apple],
      groups: pipeline.groups(['ordinary', 'ordinary'], frame, 1),
    });
    const { shape, data } = io['in.step_noise']!;
    const size = data.length / shape[0]!;
    const latents = await sample({
      sampler,
      guidanceScale: guidances[name] ?? 3,
      noise: io['in.initial']!.data,
      stepNoise: (i) => data.slice(i * size, (i + 1) * size),
      predict: async (x, timestep) => {
        const both = new Float32Array(2 * x.length);
        both.set(x);
        both.set(x, x.length);
        const out = await denoise(both, timestep);
        return { uncond: out.subarray(0, x.length), cond: out.subarray(x.length) };
      },
    });
    expect(relativeError(latents, io[`out.${name}.latents`]!.data)).toBeLessThan(2e-3);
    const picture = await pipeline.decodeLatents({ shape: [1, 4, 8, 8], data: latents });
    const reference = io[`out.${name}.picture`]!.data;
    const area = picture.data.length / 3;
    let error = 0;
    for (let i = 0; i < area; i++)
      for (let c = 0; c < 3; c++) error += Math.abs(picture.data[i * 3 + c]! - reference[c * area + i]!);
    expect(error / picture.data.length).toBeLessThan(1); // of 255
  });
});
