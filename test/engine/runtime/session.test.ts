import { expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph.js';
import { mul, reduceMean } from '../../../src/engine/graph/ops/index.js';
import { keep } from '../../../src/engine/runtime/resident.js';
import { Session } from '../../../src/engine/runtime/session.js';

it('what is written over is not told, and leaves no copies for the garbage collector', async () => {
  const count = 2 ** 21;
  const graph = new Graph();
  const x = graph.input('x', [count]);
  graph.output('mean', reduceMean(x));
  graph.output('y', mul(x, 2));
  const session = await Session.compile(graph, { device: 'cpu' });
  const own = await keep('cpu', { shape: [count], data: new Float32Array(count).fill(1) });
  const { arrayBuffers } = process.memoryUsage();
  for (let run = 1; run <= 10; run++) {
    const told = await session.run({ x: own }, undefined, { y: own });
    expect(Object.keys(told)).toEqual(['mean']);
    expect((await own.read())[count - 1]).toBe(2 ** run);
  }
  // ten runs' copies would be ten times as much
  expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(4 * count);
  await session.release();
});
