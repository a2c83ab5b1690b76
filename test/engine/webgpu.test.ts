import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PACKAGE_ROOT } from '../../src/app/checkpoints.js';
import { Editor, precisionOn, probeDevice, type Scene } from '../../src/engine/editor.js';
import { footprint } from '../../src/engine/graph/footprint.js';
import { Graph } from '../../src/engine/graph/graph.js';
import { add, matmul } from '../../src/engine/graph/ops/index.js';
import { fusedAttentionWorks } from '../../src/engine/runtime/fusedAttention.js';
import { needOnGpu } from '../../src/engine/runtime/room.js';
import { SessionCache } from '../../src/engine/runtime/sessionCache.js';
import { placementIn } from '../../src/engine/runtime/trace.js';
import type { Tensor } from '../../src/engine/runtime/tensor.js';
import type * as Sessions from '../../src/engine/runtime/session.js';
import { FIXTURES, relativeError, temporaryFolder } from '../fixtures.js';
import { hasSwiftshader, SWIFTSHADER, useSwiftshader } from '../support/swiftshader.js';

// on CI a missing driver is a failure, at home the rest of the tests still counts
const there = hasSwiftshader || Boolean(process.env.CI);
if (!there)
  console.warn(
    `skipped: no Vulkan driver at ${SWIFTSHADER} (apt-get install chromium, or set SWIFTSHADER_ICD)`,
  );
if (there) useSwiftshader();

/** Relative errors: both compute in float32, sums are taken in another order, exp and erf approximated otherwise. */
const OP_TOLERANCE = 1e-5;
/** WGSL asks no more of these than an absolute error of 2^-11 (https://www.w3.org/TR/WGSL/#floating-point-accuracy). */
const LOOSER: Readonly<Record<string, number>> = {
  sin: 1e-3,
  cos: 1e-3,
  // goes through a sine
  'mul and softmax, computed again for the backward pass': 1e-3,
};
/** What ONNX Runtime says where an adapter has no `shader-f16`, as SwiftShader has none. */
const NO_HALVES = /requires f16 but the device does not support it/;
const MODEL_TOLERANCE = 1e-4;

/** How many runs agreed, and whether sessions are doubled. */
const pair = vi.hoisted(() => ({ runs: 0, doubled: false }));

// A doubled session answers from the CPU, after whatever its whole graph gives there was the same on the GPU. So
// the op tests below also hold the GPU's values and gradients, and their finite differences stay as fast as before.
vi.mock('../../src/engine/runtime/session.js', async (original) => {
  const real = await original<typeof Sessions>();
  const compile: typeof real.Session.compile = async (graph, options) => {
    const cpu = await real.Session.compile(graph, options);
    if (!pair.doubled) return cpu;
    const gpu = await real.Session.compile(graph, { ...options, device: 'webgpu' });
    const tolerance = LOOSER[expect.getState().currentTestName!.split(' > ').at(-1)!] ?? OP_TOLERANCE;
    const run: Sessions.Session['run'] = async (feeds, fetch, into) => {
      // one of the many steps of a finite difference
      if (fetch) return await cpu.run(feeds, fetch, into);
      // before the CPU's run, which may write over the feeds
      const found = await gpu.run(feeds).catch((error: unknown) => {
        if (NO_HALVES.test(String(error))) return {};
        throw error;
      });
      const told = await cpu.run(feeds, undefined, into);
      // what is written over is not told
      const expected: Readonly<Record<string, Pick<Tensor, 'shape' | 'data'>>> = {
        ...told,
        ...(into as Record<string, Tensor>),
      };
      for (const [name, { shape, data }] of Object.entries(found)) {
        expect(shape, name).toEqual(expected[name]!.shape);
        expect(relativeError(data, expected[name]!.data as Float32Array), name).toBeLessThan(tolerance);
      }
      pair.runs++;
      return told;
    };
    const release = async () => void (await Promise.all([cpu.release(), gpu.release()]));
    return { run, release } as unknown as Sessions.Session;
  };
  return { ...real, Session: { compile } };
});

if (there) {
  describe('on the GPU as on the CPU:', async () => {
    beforeAll(() => void (pair.doubled = true));
    afterAll(() => void (pair.doubled = false));
    await import('./graph/ops.test.js');
    // a test of its own: -t may leave any of those above out
    it('all of these were run on both', () => expect(pair.runs).toBeGreaterThan(40));
  });
}

describe.skipIf(!there)('tiny-sd on the GPU', () => {
  const size = { width: 32, height: 32 };
  const picture = { ...size, data: Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 7) % 256) };
  const labels = {
    ...size,
    data: Uint8Array.from({ length: 32 * 32 }, (_, i) => (i % 32 < 12 ? 0 : i < 512 ? 1 : 2)),
  };
  const on = (device: 'cpu' | 'webgpu') =>
    Editor.open(join(FIXTURES, 'tiny-sd'), { device, cacheDir: temporaryFolder() });
  const [cpu, gpu] = [on('cpu'), on('webgpu')];
  const edit = { kind: 'replace', item: 1, prompt: 'a cat' } as const;
  let learned: Scene;

  it('learns what the CPU learns, step by step, and no node falls to the CPU', async () => {
    const learn = async (editor: Editor) => {
      const losses: number[] = [];
      const scene = await editor.associate(
        await editor.segment(picture, labels),
        { steps: [2, 2], accumulation: 1, batch: 2, tokensPerItem: 2, method: 'cross-attention' },
        { onProgress: ({ loss }) => losses.push(loss) },
      );
      return { scene, losses };
    };
    const trace = join(temporaryFolder(), 'trace');
    gpu.pipeline.sessions.traceTo(trace);
    const [a, b] = [await learn(cpu), await learn(gpu)];
    learned = a.scene;
    expect(relativeError(b.losses, a.losses)).toBeLessThan(MODEL_TOLERANCE);
    for (const part of ['newTokens', 'weights'] as const) {
      expect([...b.scene.learned![part].keys()]).toEqual([...a.scene.learned![part].keys()]);
      for (const [name, { data }] of a.scene.learned![part]) {
        const found = b.scene.learned![part].get(name)!.data as Float32Array;
        expect(relativeError(found, data as Float32Array), name).toBeLessThan(MODEL_TOLERANCE);
      }
    }
    await gpu.pipeline.sessions.clear();
    const { nodes, onCpu } = placementIn(trace);
    expect(nodes).toBeGreaterThan(500);
    expect(onCpu).toEqual({});
  });

  it('computes in float32, and says why', async () => {
    expect(await probeDevice('webgpu')).toEqual({
      precision: 'full',
      because: 'its driver has no shader-f16',
    });
    await expect(precisionOn('webgpu', 'half')).rejects.toThrow(
      /half precision here \(its driver .*--precision auto/,
    );
  });

  it('has its sessions go where its memory is full', async () => {
    const square = (): Graph => {
      const graph = new Graph();
      const x = graph.input('x', [64, 64]);
      graph.output('y', add(matmul(x, x), x));
      return graph;
    };
    const { kept } = needOnGpu(footprint(square()));
    const cache = new SessionCache({ device: 'webgpu' }, { kept: 1.5 * kept, resident: 1.5 * kept });
    const x = { shape: [64, 64], data: new Float32Array(64 * 64).fill(1) };
    const first = await cache.get('a', square);
    expect((await first.run({ x })).y!.data[0]).toBe(65);
    await cache.get('b', square);
    await expect(first.run({ x })).rejects.toThrow();
    await cache.clear();
  });

  const draw = async (editor: Editor): Promise<Uint8Array> =>
    (await editor.edit(learned, edit, { steps: 2 })).picture.data;
  const farthest = (a: Uint8Array, b: Uint8Array): number =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

  // SwiftShader's subgroups have 4 lanes, and ONNX Runtime's attention kernel errs there by some 10 %
  it('finds out that the fused attention kernel is wrong here, and draws the same picture without it', async () => {
    expect(await fusedAttentionWorks('webgpu')).toBe(false);
    const [a, b] = [await draw(cpu), await draw(gpu)];
    expect(farthest(a, b)).toBeLessThanOrEqual(1);
    expect(farthest(a, picture.data)).toBeGreaterThan(1);
  });
});

it('a machine without a GPU says so in one line, with what to do', () => {
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      join(PACKAGE_ROOT, 'bin', 'dedit.js'),
      ...['edit', join(PACKAGE_ROOT, 'examples', 'scene.png'), '--say', 'replace 2 with a cat'],
      ...['--out', join(temporaryFolder(), 'x.png'), '--device', 'webgpu', '--finetune-steps', '0,0'],
    ],
    { encoding: 'utf8', env: { ...process.env, VK_ICD_FILENAMES: '/nonexistent', LD_LIBRARY_PATH: '' } },
  );
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/^dedit: webgpu cannot be used here .*: try --device cpu$/m);
  expect(status).toBe(1);
});
