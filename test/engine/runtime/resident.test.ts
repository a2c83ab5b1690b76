import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { gaussians } from '../../../src/engine/diffusion/random.js';
import { sample, type SampleOptions } from '../../../src/engine/diffusion/sample.js';
import { makeSampler, type SamplerName } from '../../../src/engine/diffusion/samplers/index.js';
import { scheduleOf } from '../../../src/engine/diffusion/schedules/index.js';
import { drawAll } from '../../../src/engine/editing/draw.js';
import { freshTokens } from '../../../src/engine/finetune/associate.js';
import { PAPER_DEFAULTS } from '../../../src/engine/finetune/options.js';
import { startValues } from '../../../src/engine/finetune/trainables.js';
import { Trainer } from '../../../src/engine/finetune/trainer.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { add, mul, reduceMean } from '../../../src/engine/graph/ops/index.js';
import { crossed } from '../../../src/engine/runtime/crossing.js';
import { keep, residents } from '../../../src/engine/runtime/resident.js';
import type * as Resident from '../../../src/engine/runtime/resident.js';
import { Session } from '../../../src/engine/runtime/session.js';
import { FIXTURES, relativeError, temporaryFolder } from '../../fixtures.js';
import { hasSwiftshader, useSwiftshader } from '../../support/swiftshader.js';

// on CI a missing driver is a failure (webgpu.test.ts says so at home)
const there = hasSwiftshader || Boolean(process.env.CI);
if (there) useSwiftshader();

/** SwiftShader computes on the processor. */
const LONG = 600_000;

/** Whether everything is fed from the host at each run, as it is where nothing can reside. */
const fed = vi.hoisted(() => ({ fromHost: false }));
vi.mock('../../../src/engine/runtime/resident.js', async (original) => {
  const real = await original<typeof Resident>();
  const at = (device: Parameters<typeof keep>[0]) => (fed.fromHost ? 'cpu' : device);
  return {
    ...real,
    keep: (device, tensor) => real.keep(at(device), tensor),
    keepAll: (device, feeds) => real.keepAll(at(device), feeds),
  } satisfies typeof Resident;
});

/** What work gives when all is fed from the host and when it resides, and the bytes that crossed. */
async function both<T>(work: () => Promise<T>) {
  const once = async (fromHost: boolean) => {
    fed.fromHost = fromHost;
    const { toDevice, toHost } = crossed;
    const result = await work();
    return { result, toDevice: crossed.toDevice - toDevice, toHost: crossed.toHost - toHost };
  };
  return { host: await once(true), resident: await once(false) };
}

describe.skipIf(!there)('on a GPU', () => {
  afterEach(() => expect(residents()).toBe(0));

  it('a tensor is fed, written over in place, read and let go', async () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', [2, 3]), graph.input('y', [2, 3])];
    graph.output('z', add(mul(x, 2), y));
    graph.output('mean', reduceMean(x));
    const session = await Session.compile(graph, { device: 'webgpu' });
    const before = { ...crossed };
    const a = await keep('webgpu', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) });
    const b = await keep('webgpu', { shape: [2, 3], data: new Float32Array(6) });
    expect(residents()).toBe(2);
    const told = await session.run({ x: a, y: b }, undefined, { z: b });
    // what stays there is not told
    expect(Object.keys(told)).toEqual(['mean']);
    expect(told.mean!.data[0]).toBe(3.5);
    await session.run({ x: a, y: b }, undefined, { z: b });
    expect([...(await b.read())]).toEqual([4, 8, 12, 16, 20, 24]);
    expect([...(await a.read())]).toEqual([1, 2, 3, 4, 5, 6]);
    // two tensors there, two tensors and two means back
    expect(crossed.toDevice - before.toDevice).toBe(48);
    expect(crossed.toHost - before.toHost).toBe(56);
    // elsewhere than in its own shape it does not fit
    await expect(session.run({ x: a, y: { shape: [6], data: new Float32Array(6) } })).rejects.toThrow(
      "input 'y' is [6]",
    );
    a.release();
    a.release();
    await expect(session.run({ x: a, y: b })).rejects.toThrow();
    b.release();
    await session.release();
    const groups = await keep('webgpu', { shape: [3], data: Int32Array.of(-1, 0, 7) });
    expect(await groups.read()).toEqual(Int32Array.of(-1, 0, 7));
    groups.release();
  });

  const pipeline = new Pipeline(
    openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() }),
    'webgpu',
  );
  const ITEMS = 3;
  const labels = { width: 8, height: 8, data: Uint8Array.from({ length: 64 }, (_, i) => i % ITEMS) };
  const options = { ...PAPER_DEFAULTS, tokensPerItem: 2 };
  const learned = freshTokens(pipeline, ITEMS, options);
  const shape = [1, pipeline.family.denoiser.channels, 8, 8];
  const latents = { shape, data: gaussians(64 * shape[1]!, 3) };
  const weights = startValues(
    pipeline.family,
    { stage: 'cross-attention', newTokens: 6, rank: 4, layers: 'attention', seed: 42 },
    learned,
  );
  const size = [...weights.values()].reduce((sum, { data }) => sum + data.byteLength, 0);

  it('ten updates are those of tensors from the host, and little crosses', { timeout: LONG }, async () => {
    // an update after each step but the first three, which are one's
    const [steps, together] = [12, 3];
    const { host, resident } = await both(async () => {
      const trainer = await Trainer.open(pipeline, [{ latents, labels, items: ITEMS }], learned, {
        ...{ ...options, stage: 'cross-attention', batch: 1, microBatch: 1, recompute: false },
        ...{ accumulation: together, learningRate: 1e-2 },
      });
      const losses: number[] = [];
      let settled = { ...crossed };
      for (let step = 1; step <= steps; step++) {
        const noise = gaussians(latents.data.length, 4, step);
        losses.push(await trainer.step(noise, [80 * step], step >= together));
        // what the first steps need a place for is there now
        if (step === together) settled = { ...crossed };
      }
      const bytes = crossed.toDevice + crossed.toHost - settled.toDevice - settled.toHost;
      const { values, moments, updates } = await trainer.state();
      await trainer.release();
      return { losses, values, moments, updates, perStep: bytes / (steps - together) };
    });
    expect(resident.result.updates).toBe(10);
    expect(resident.result.losses).toEqual(host.result.losses);
    expect(resident.result.values).toEqual(host.result.values);
    expect(resident.result.moments).toEqual(host.result.moments);
    expect(resident.result.values).not.toEqual(weights);
    // values to the step, gradients back and to the update, with values and moments both ways
    expect(host.result.perStep).toBeGreaterThan(8 * size);
    // noised latents and what they are to become, a few numbers
    expect(resident.result.perStep).toBeLessThan(size / 10);
  });

  it(
    'twenty steps of sampling draw what they draw with tensors from the host',
    { timeout: LONG },
    async () => {
      const items = Array.from({ length: ITEMS }, (_, i) => ({
        name: `thing ${i}`,
        prompt: { kind: 'text', text: `thing ${i}` } as const,
      }));
      const sampling = {
        seed: 7,
        steps: 20,
        guidance: 3,
        learnedGuidance: 3,
        sampler: 'euler',
        tries: 1,
      } as const;
      const { host, resident } = await both(async () => {
        const after: (typeof crossed)[] = [];
        const [picture] = await drawAll(
          pipeline,
          { shape, labels, items, learned: { ...learned, weights } },
          { ...sampling, strength: 1, edge: 0, redraw: 1 },
          [7],
          { onStep: () => void after.push({ ...crossed }) },
        );
        const each = after.slice(1).map(({ toDevice, toHost }, i) => ({
          toDevice: toDevice - after[i]!.toDevice,
          toHost: toHost - after[i]!.toHost,
        }));
        return { data: picture!.data, each };
      });
      expect(resident.result.data).toEqual(host.result.data);
      // learned weights and latents with each step; or the sampler's eight numbers and two rows' timesteps, and one number back
      expect(host.toDevice).toBeGreaterThan(20 * size);
      expect(resident.result.each).toEqual(Array(19).fill({ toDevice: 4 * (8 + 2), toHost: 4 }));
      expect(host.toDevice - resident.toDevice).toBeGreaterThanOrEqual(19 * size);
    },
  );

  describe('a walk', () => {
    const onCpu = new Pipeline(pipeline.checkpoint);
    const noise = gaussians(2 * latents.data.length, 5);
    const regions = {
      active: Uint8Array.from({ length: 64 }, (_, i) => Number(i % 3 === 0)),
      soft: Uint8Array.from({ length: 64 }, (_, i) => Number(i % 3 === 1)),
      strength: 0.7,
      original: latents.data,
    };
    /** Two rows: one picture, led by its words, or two pictures. */
    const walk = async (
      on: Pipeline,
      [name, steps, pictures]: readonly [SamplerName, number, 1 | 2],
      more: Partial<SampleOptions> = {},
    ): Promise<Float32Array> => {
      const grid = { height: 8, width: 8 };
      const rows = [await on.encodePrompts(['']), await on.encodePrompts(['a red apple'])];
      const denoise = await on.predictor({
        ...grid,
        rows,
        groups: on.groups(['ordinary', 'ordinary'], grid, 1),
      });
      const length = pictures * latents.data.length;
      return await sample(on, {
        sampler: makeSampler(name, scheduleOf(on.checkpoint.scheduler), steps),
        ...{ denoise, guidanceScale: 3, noise: noise.subarray(0, length) },
        stepNoise: (i) => gaussians(length, 6, i),
        ...more,
      }).finally(() => denoise.release());
    };

    it.each([
      ['dpm++-sde', 6, 1, { regions, from: { latents: latents.data, amount: 0.7 } }],
      ['dpm++', 4, 1, { regions }],
      ['tcd', 3, 2, {}],
    ] as const)(
      'of %s is that of the CPU at each step',
      { timeout: LONG },
      async (name, steps, pictures, more) => {
        const walked = async (on: Pipeline) => {
          const seen: Float32Array[] = [];
          const onStep: SampleOptions['onStep'] = async (_done, _of, x) =>
            void seen.push((await x()).slice());
          seen.push(await walk(on, [name, steps, pictures], { ...more, onStep }));
          return seen;
        };
        const [there, here] = [await walked(pipeline), await walked(onCpu)];
        // six steps from seven tenths of the noise are four
        expect(there).toHaveLength(Math.min(steps, 4) + 1);
        for (const [i, x] of there.entries()) expect(relativeError(x, here[i]!)).toBeLessThan(1e-5);
      },
    );

    it('that is broken off leaves nothing', { timeout: LONG }, async () => {
      const controller = new AbortController();
      const held: number[] = [];
      const onStep = (done: number): void => {
        held.push(residents());
        if (done === 2) controller.abort(new Error('cancelled'));
      };
      const { signal } = controller;
      await expect(walk(pipeline, ['euler', 20, 1], { signal, onStep, regions })).rejects.toThrow(
        'cancelled',
      );
      expect(held).toHaveLength(2);
      expect(held[0]).toBeGreaterThan(8);
      expect(residents()).toBe(0);
      const stepNoise = (): never => {
        throw new Error('no noise');
      };
      await expect(walk(pipeline, ['lcm', 2, 1], { stepNoise })).rejects.toThrow('no noise');
      expect(residents()).toBe(0);
    });
  });
});
