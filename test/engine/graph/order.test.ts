import { expect, it } from 'vitest';
import { footprint } from '../../../src/engine/graph/footprint.js';
import { gradients } from '../../../src/engine/graph/gradients.js';
import { Graph, type Value } from '../../../src/engine/graph/graph.js';
import { add, attention, expandTo, mul, reduceMean, silu } from '../../../src/engine/graph/ops/index.js';
import { liveNodes } from '../../../src/engine/graph/onnx.js';
import { runOrder, writtenOrder } from '../../../src/engine/graph/order.js';

/** Attention and its gradients, queries in blocks of at most so many scores; on a processor head by head. */
function learning(attentionBlock: number, onCpu = false): Graph {
  const graph = new Graph({ attentionBlock, onCpu });
  const [q, k, v] = ['q', 'k', 'v'].map((name) => graph.input(name, [1, 256, 16]));
  const out = attention(q!, k!, v!, { heads: 4 });
  for (const [i, dx] of gradients(reduceMean(mul(out, out)), [q!, k!, v!]).entries())
    graph.output(`d${i}`, dx);
  return graph;
}

it('nodes are written after their inputs, each once', () => {
  const nodes = liveNodes(learning(2 ** 14));
  for (const order of [writtenOrder(nodes), runOrder(nodes), runOrder(writtenOrder(nodes))]) {
    const place = new Map(order.map((node, i) => [node, i]));
    expect(place.size).toBe(nodes.length);
    for (const node of nodes)
      for (const { node: from } of node.inputs)
        if (from) expect(place.get(from)!).toBeLessThan(place.get(node)!);
  }
});

it('blocks of queries are not alive together, in the order in which ONNX Runtime runs them', () => {
  const scores = 4 * 4 * 256 * 256;
  const whole = footprint(learning(2 ** 18)).activations;
  expect(whole).toBeGreaterThan(2 * scores);
  // sixteen blocks: each has a sixteenth of the scores
  expect(footprint(learning(2 ** 14)).activations).toBeLessThan(0.75 * scores);
  expect(footprint(learning(2 ** 14, true)).activations).toBeLessThan(0.75 * scores);
});

const [WIDE, DEEP] = [256, 16];
/** Bytes of one layer's values. */
const LAYER = 4 * WIDE * WIDE;

/** Bytes alive at once in forward and backward of layers x·of[k] + of[k], which are computed again. */
function alive(of: (graph: Graph) => Value[]): number {
  const graph = new Graph({ recompute: true });
  const learned = of(graph);
  let x = graph.input('x', [WIDE, WIDE]);
  for (let k = 0; k < DEEP; k++) {
    const [h, a, b] = [x, learned[(2 * k) % learned.length]!, learned[(2 * k + 1) % learned.length]!];
    x = graph.segment(() => add(h, silu(silu(add(mul(h, a), b)))));
  }
  for (const [k, dx] of gradients(reduceMean(mul(x, x)), learned).entries()) graph.output(`d${k}`, dx);
  return footprint(graph).activations;
}

it.each([
  ['what a parameter learns from does not wait for the end of the backward pass', 2 * DEEP],
  ['nor does what layers add to the gradient of what all of them are told', 2],
])('%s', (_, count) => {
  const vectors = (graph: Graph) =>
    Array.from({ length: count }, (_, k) => silu(graph.input(`v${k}`, [WIDE])));
  // what goes into each layer is kept, and one layer is computed again
  expect(alive(vectors)).toBeLessThan((DEEP + 8) * LAYER);
});

it('what a value has left is held for the next one of its shape, as ONNX Runtime does', () => {
  const graph = new Graph();
  const filled = (x: Value, shape: readonly number[]) => mul(expandTo(x, shape), 2);
  const mean = (x: Value) => reduceMean(x, [0, 1], true);
  const [first, between] = [
    [64, 64],
    [32, 256],
  ];
  const there = mean(filled(mean(filled(graph.input('x', [1, 1]), first!)), between!));
  graph.output('back', mean(filled(there, first!)));
  // though never more than one of them is alive
  expect(footprint(graph).activations).toBeGreaterThan(4 * (64 * 64 + 32 * 256));
});
