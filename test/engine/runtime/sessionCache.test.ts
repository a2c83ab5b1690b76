import { join } from 'node:path';
import { rmSync, writeFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { footprint } from '../../../src/engine/graph/footprint.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { add, matmul, reduceMean } from '../../../src/engine/graph/ops/index.js';
import {
  crowding,
  needOf,
  needOnGpu,
  needTogether,
  type SessionNeed,
} from '../../../src/engine/runtime/room.js';
import { askNvidia } from '../../../src/engine/runtime/deviceMemory.js';
import type { Session } from '../../../src/engine/runtime/session.js';
import { SessionCache } from '../../../src/engine/runtime/sessionCache.js';
import { keptBytes, thriftFor } from '../../../src/engine/runtime/thrift.js';
import { costliest, placementIn } from '../../../src/engine/runtime/trace.js';
import { temporaryFolder } from '../../fixtures.js';

const GB = 1e9;
const found = (weights: number, repacked: number, activations: number) => ({
  weights,
  repacked,
  activations,
});

it('small graphs are fast, large ones are computed from the mapped weights', () => {
  expect(thriftFor(found(0.1 * GB, 0.1 * GB, 0.01 * GB))).toEqual({
    blocked: true,
    repacked: true,
    arena: true,
  });
  // SD 1.5's denoiser and decoder, SDXL's denoiser
  expect(thriftFor(found(3.4 * GB, 1.1 * GB, 0.2 * GB))).toEqual({
    blocked: false,
    repacked: true,
    arena: false,
  });
  expect(thriftFor(found(0.2 * GB, 0, 0.8 * GB))).toEqual({ blocked: true, repacked: true, arena: false });
  const sdxl = found(10.3 * GB, 8 * GB, 1 * GB);
  expect(thriftFor(sdxl)).toEqual({ blocked: false, repacked: false, arena: false });
  expect(keptBytes(sdxl)).toBe(0);
});

const [sd15, sdxl] = [
  [found(0.14 * GB, 0, 0.5 * GB), found(0.5 * GB, 0.3 * GB, 0.02 * GB), found(3.4 * GB, 1.1 * GB, 0.2 * GB)],
  [found(0.14 * GB, 0, 1 * GB), found(3.3 * GB, 2.4 * GB, 0.05 * GB), found(10.3 * GB, 8 * GB, 0.7 * GB)],
].map((models) => models.map((model) => needOf(model)));

it('of SD 1.5 all models stay ready, of SDXL those for which there is room beside the one that runs', () => {
  expect(crowding(sd15!.slice(0, 2), sd15![2]!)).toBe(0);
  expect(crowding(sdxl!.slice(0, 2), sdxl![2]!)).toBe(2);
  expect(crowding(sdxl!.slice(0, 1), sdxl![1]!)).toBe(0);
});

it('models that take turns need what the largest of them needs', () => {
  const [encoder, , denoiser] = sdxl!;
  const { mapped, held } = needTogether(sdxl!);
  expect(held).toBe(encoder!.kept + encoder!.working);
  expect(mapped + held).toBe(denoiser!.mapped + denoiser!.working);
  const small = needTogether(sd15!);
  expect(small.mapped + small.held).toBeGreaterThan((0.14 + 0.5 + 3.4) * GB);
});

/** x·x + x, and how often it was built. */
function square(built: { count: number }): Graph {
  built.count++;
  const graph = new Graph();
  const x = graph.input('x', [8, 8]);
  graph.output('y', add(matmul(x, x), x));
  return graph;
}
const x = { shape: [8, 8], data: new Float32Array(64).fill(1) };

it('sessions are compiled once, and again after they made room', async () => {
  const cache = new SessionCache({});
  const built = { count: 0 };
  const get = (key: string) => cache.get(key, () => square(built));
  const first = await get('a');
  expect(await get('a')).toBe(first);
  expect(built.count).toBe(1);
  for (let i = 0; i < 16; i++) await get(`other ${i}`);
  await expect(first.run({ x })).rejects.toThrow();
  expect((await (await get('a')).run({ x })).y!.data[0]).toBe(9);
  expect(built.count).toBe(18);
  await cache.clear();
});

it('a trace names the ops that cost most', async () => {
  const prefix = join(temporaryFolder(), 'trace');
  const cache = new SessionCache({});
  cache.traceTo(prefix);
  const session = await cache.get('a', () => square({ count: 0 }));
  for (let i = 0; i < 3; i++) await session.run({ x });
  await cache.clear();
  const ops = costliest(prefix, 1);
  expect(ops).toMatchObject([{ op: 'Gemm', calls: 3 }]);
  expect(ops[0]!.share).toBeGreaterThan(0);
  // each node once, however often it ran
  expect(placementIn(prefix)).toEqual({ nodes: 1, onCpu: { Gemm: 1 } });
});

it('on a GPU weights and what a run took stay held, and the oldest sessions go where it has no room for more', () => {
  const [vae, text, denoiser] = [
    found(0.3 * GB, 0, 1 * GB),
    found(1.6 * GB, 0, 0.01 * GB),
    found(5.1 * GB, 0, 0.5 * GB),
  ].map(needOnGpu) as [SessionNeed, SessionNeed, SessionNeed];
  expect(denoiser.kept).toBeGreaterThan(5.6 * GB);
  const gpu = (bytes: number) => ({ kept: bytes, resident: bytes });
  expect(crowding([vae, text], denoiser, gpu(10 * GB))).toBe(0);
  expect(crowding([vae, text], denoiser, gpu(8 * GB))).toBe(1);
  // what is there and cannot go leaves less for the others
  expect(crowding([vae, text], denoiser, gpu(10 * GB), [vae])).toBe(1);
  // a step's graph runs after each of the denoiser's, also of one that is too large even alone
  const step = needOnGpu(found(0, 0, 0.002 * GB));
  expect(crowding([denoiser], step, gpu(5 * GB))).toBe(0);
  expect(crowding([step], denoiser, gpu(5 * GB))).toBe(1);
});

it('what a GPU has is asked of NVIDIA, and of several the smallest counts', () => {
  const folder = temporaryFolder();
  const answering = (answer: string): number | undefined => {
    writeFileSync(join(folder, 'nvidia-smi'), `#!/bin/sh\n${answer}\n`, { mode: 0o755 });
    return askNvidia();
  };
  vi.stubEnv('PATH', folder);
  expect(answering("printf '24000\\n16000\\n'")).toBeCloseTo(16000 * 2 ** 20 - 0.6 * GB, -3);
  expect(answering("printf '[N/A]\\n'")).toBeUndefined();
  expect(answering('exit 9')).toBeUndefined();
  rmSync(join(folder, 'nvidia-smi'));
  expect(askNvidia()).toBeUndefined();
  vi.unstubAllEnvs();
});

/** A mean of twenty gigabytes: nobody runs it. */
function vast(): Graph {
  const graph = new Graph();
  const all = graph.input('x', [1e5, 5e4]);
  graph.output('y', reduceMean(add(all, all)));
  return graph;
}

it('two that are compiled together do not wait for each other to go', async () => {
  const cache = new SessionCache({});
  await Promise.all([cache.get('a', vast), cache.get('b', vast)]);
  await cache.clear();
});

it('sessions go where another needs the room, and are compiled again when they are asked for', async () => {
  const cache = new SessionCache({});
  const built = { count: 0 };
  const small = await cache.get('small', () => square(built));
  await cache.get('large', vast);
  await expect(small.run({ x })).rejects.toThrow();
  expect((await (await cache.get('small', () => square(built))).run({ x })).y!.data[0]).toBe(9);
  expect(built.count).toBe(2);
  const own = await cache.compile(() => square(built));
  await expect((await cache.get('small', () => square(built))).run({ x })).resolves.toBeDefined();
  expect(built.count).toBe(3);
  await own.release();
  await cache.clear();
});

it("a caller's own session counts until it is released", async () => {
  /** Keeps four megabytes between runs. */
  const doubled = (): Graph => {
    const graph = new Graph();
    const all = graph.input('x', [1e6]);
    graph.output('y', reduceMean(add(all, all)));
    return graph;
  };
  const { kept } = needOf(footprint(doubled()));
  expect(kept).toBeGreaterThan(4e6);
  const cache = new SessionCache({}, { kept: 2.5 * kept, resident: 1e12 });
  const ran = (session: Session) => session.run({ x: { shape: [1e6], data: new Float32Array(1e6) } });
  const own = await cache.compile(doubled);
  const first = await cache.get('a', doubled);
  await cache.get('b', doubled);
  await expect(ran(first)).rejects.toThrow();
  await own.release();
  const again = await cache.get('a', doubled);
  await cache.get('b', doubled);
  await expect(ran(again)).resolves.toBeDefined();
  await cache.clear();
});
