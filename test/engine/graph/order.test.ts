import { expect, it } from 'vitest';
import { footprint } from '../../../src/engine/graph/footprint.js';
import { gradients } from '../../../src/engine/graph/gradients.js';
import { Graph } from '../../../src/engine/graph/graph.js';
import { attention, mul, reduceMean } from '../../../src/engine/graph/ops/index.js';
import { liveNodes } from '../../../src/engine/graph/onnx.js';
import { runOrder, writtenOrder } from '../../../src/engine/graph/order.js';

/** Attention and its gradients, queries in blocks of at most so many scores. */
function learning(attentionBlock: number): Graph {
  const graph = new Graph({ attentionBlock });
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
});
