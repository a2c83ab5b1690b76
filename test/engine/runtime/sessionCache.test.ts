import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph.js';
import { add, matmul } from '../../../src/engine/graph/ops/index.js';
import { SessionCache } from '../../../src/engine/runtime/sessionCache.js';
import { keptBytes, thriftFor } from '../../../src/engine/runtime/thrift.js';
import { costliest } from '../../../src/engine/runtime/trace.js';
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
  for (let i = 0; i < 8; i++) await get(`other ${i}`);
  await expect(first.run({ x })).rejects.toThrow();
  expect((await (await get('a')).run({ x })).y!.data[0]).toBe(9);
  expect(built.count).toBe(10);
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
});
