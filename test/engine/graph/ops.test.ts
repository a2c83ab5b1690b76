import { describe, expect, it } from 'vitest';
import { gradients } from '../../../src/engine/graph/gradients.js';
import { Graph, type GraphOptions, type Op, type Value } from '../../../src/engine/graph/graph.js';
import * as ops from '../../../src/engine/graph/ops/index.js';
import { Session, type Tensor } from '../../../src/engine/runtime/session.js';

/** A repeatable spread of values in ±1, none near the kinks of anything tested here. */
function values(shape: readonly number[], seed: number): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, i) => Math.sin(1.3 * i + 0.7 * seed + 0.1 * i * i));
  return { shape, data };
}

interface Case {
  readonly name: string;
  readonly shapes: readonly (readonly number[])[];
  readonly f: (...inputs: Value[]) => Value;
  readonly options?: GraphOptions;
}

const positive = (x: Value): Value => ops.add(ops.mul(x, x), 0.5);

const cases: Case[] = [
  {
    name: 'add, broadcast',
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    f: ops.add,
  },
  { name: 'sub, broadcast', shapes: [[4], [2, 3, 4]], f: ops.sub },
  {
    name: 'mul, broadcast',
    shapes: [
      [2, 3],
      [2, 1],
    ],
    f: ops.mul,
  },
  { name: 'div', shapes: [[2, 3], [3]], f: (a, b) => ops.div(a, positive(b)) },
  { name: 'neg', shapes: [[5]], f: ops.neg },
  { name: 'exp', shapes: [[5]], f: ops.exp },
  { name: 'sqrt', shapes: [[5]], f: (x) => ops.sqrt(positive(x)) },
  { name: 'sin', shapes: [[5]], f: ops.sin },
  { name: 'cos', shapes: [[5]], f: ops.cos },
  { name: 'erf', shapes: [[5]], f: ops.erf },
  { name: 'relu', shapes: [[6]], f: (x) => ops.relu(ops.add(x, 0.3)) },
  { name: 'sigmoid', shapes: [[5]], f: ops.sigmoid },
  { name: 'silu', shapes: [[5]], f: ops.silu },
  { name: 'gelu', shapes: [[5]], f: ops.gelu },
  { name: 'geglu', shapes: [[2, 6]], f: ops.geglu },
  { name: 'quickGelu', shapes: [[5]], f: ops.quickGelu },
  { name: 'where', shapes: [[2, 3], [3]], f: (a, b) => ops.where(ops.less(a, 0.1), a, ops.mul(b, 2)) },
  { name: 'reduceSum', shapes: [[2, 3, 4]], f: (x) => ops.reduceSum(x, [0, 2]) },
  { name: 'reduceMean, keepdims', shapes: [[2, 3, 4]], f: (x) => ops.reduceMean(x, [-1], true) },
  { name: 'softmax', shapes: [[3, 5]], f: ops.softmax },
  { name: 'reshape', shapes: [[2, 6]], f: (x) => ops.reshape(x, [3, 4]) },
  { name: 'transpose', shapes: [[2, 3, 4]], f: (x) => ops.transpose(x, [2, 0, 1]) },
  { name: 'expandTo', shapes: [[3, 1]], f: (x) => ops.expandTo(x, [2, 3, 4]) },
  {
    name: 'concat',
    shapes: [
      [2, 3],
      [2, 2],
    ],
    f: (a, b) => ops.concat([a, b, a], 1),
  },
  {
    name: 'split, one part shorter, one of no use',
    shapes: [[2, 5]],
    f: (x) => {
      const [a, , c] = ops.split(x, 1, 2);
      return ops.mul(a!, c!);
    },
  },
  { name: 'slice', shapes: [[4, 5]], f: (x) => ops.slice(x, 1, 1, 4) },
  { name: 'upsampleNearest2x', shapes: [[1, 2, 2, 3]], f: ops.upsampleNearest2x },
  {
    name: 'matmul, batched and broadcast',
    shapes: [
      [2, 3, 4],
      [4, 5],
    ],
    f: ops.matmul,
  },
  {
    name: 'gemm',
    shapes: [
      [3, 4],
      [4, 2],
    ],
    f: (a, b) => ops.gemm(a, b),
  },
  {
    name: 'gemm, A transposed',
    shapes: [
      [4, 3],
      [4, 2],
    ],
    f: (a, b) => ops.gemm(a, b, { transA: true }),
  },
  {
    name: 'gemm, both transposed',
    shapes: [
      [4, 3],
      [2, 4],
    ],
    f: (a, b) => ops.gemm(a, b, { transA: true, transB: true }),
  },
  { name: 'linear', shapes: [[2, 3, 4], [5, 4], [5]], f: ops.linear },
  {
    name: 'gatherRows',
    shapes: [[5, 3]],
    f: (t) => ops.gatherRows(t, t.graph.constant(Int32Array.of(4, 1, 1, 0), [2, 2])),
  },
  {
    name: 'conv2d',
    shapes: [[2, 3, 5, 4], [4, 3, 3, 3], [4]],
    f: (x, w, b) => ops.conv2d(x, w, b, { pads: [1, 1, 1, 1] }),
  },
  {
    name: 'conv2d, fewer places than channels',
    shapes: [
      [1, 2, 2, 2],
      [5, 2, 3, 3],
    ],
    f: (x, w) => ops.conv2d(x, w, undefined, { pads: [1, 1, 1, 1] }),
  },
  {
    name: 'conv2d, padded on two sides, a kernel that is no square',
    shapes: [
      [1, 2, 4, 3],
      [2, 2, 3, 2],
    ],
    // not as many as keep the size: then the weight's gradient is a convolution by a kernel as large as what it goes over,
    // which ONNX Runtime 1.30's WebGPU takes for a product whatever the far sides' padding; nothing here asks for one
    f: (x, w) => ops.conv2d(x, w, undefined, { pads: [0, 0, 1, 1] }),
  },
  {
    name: 'conv2d 1x1',
    shapes: [
      [2, 3, 3, 4],
      [2, 3, 1, 1],
    ],
    f: (x, w) => ops.conv2d(x, w),
  },
  {
    name: 'conv2d, stride 2, even size',
    shapes: [[1, 2, 6, 4], [3, 2, 3, 3], [3]],
    f: (x, w, b) => ops.conv2d(x, w, b, { stride: 2, pads: [1, 1, 1, 1] }),
  },
  {
    name: 'conv2d, stride 2, odd size, padded on two sides',
    shapes: [
      [1, 2, 7, 6],
      [3, 2, 3, 3],
    ],
    f: (x, w) => ops.conv2d(x, w, undefined, { stride: 2, pads: [0, 0, 1, 1] }),
  },
  {
    name: 'convTranspose2d',
    shapes: [
      [1, 3, 3, 2],
      [3, 2, 3, 3],
    ],
    f: (y, w) => ops.convTranspose2d(y, w, [1, 2, 6, 4], { stride: 2, dilation: 1, pads: [1, 1, 1, 1] }),
  },
  {
    name: 'depthwiseConv2d, stride 2, two samples',
    shapes: [[2, 3, 5, 4], [3, 1, 3, 3], [3]],
    f: (x, w, b) => ops.depthwiseConv2d(x, w, b, { stride: 2, pads: [1, 0, 1, 1] }),
  },
  {
    name: 'depthwiseConvTranspose2d',
    shapes: [
      [1, 2, 3, 2],
      [2, 1, 3, 3],
    ],
    f: (y, w) =>
      ops.depthwiseConvTranspose2d(y, w, [1, 2, 6, 4], { stride: 2, dilation: 1, pads: [1, 1, 1, 1] }),
  },
  { name: 'layerNorm', shapes: [[2, 3, 4], [4], [4]], f: (x, w, b) => ops.layerNorm(x, w, b, 1e-5) },
  {
    name: 'groupNorm',
    shapes: [[2, 4, 3, 2], [4], [4]],
    f: (x, w, b) => ops.groupNorm(x, w, b, { groups: 2, epsilon: 1e-5 }),
  },
  {
    name: 'groupNorm and SiLU',
    shapes: [[2, 4, 3, 2], [4], [4]],
    f: (x, w, b) => ops.groupNorm(x, w, b, { groups: 2, epsilon: 1e-5, silu: true }),
  },
  {
    name: 'attention',
    shapes: [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 4],
      [1, 1, 3, 5],
    ],
    f: (q, k, v, bias) => ops.attention(q, k, v, { heads: 2, bias }),
  },
  {
    name: 'attention, backward in blocks of two queries',
    shapes: [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 4],
      [1, 1, 3, 5],
    ],
    options: { attentionBlock: 40, onCpu: false },
    f: (q, k, v, bias) => ops.attention(q, k, v, { heads: 2, bias }),
  },
  {
    name: 'attention, backward head by head',
    shapes: [
      [2, 3, 4],
      [2, 5, 4],
      [2, 5, 6],
    ],
    options: { attentionBlock: 10 },
    f: (q, k, v) => ops.attention(q, k, v, { heads: 2 }),
  },
  ...[
    [2, 1, 3, 5],
    [1, 1, 3, 5],
  ].map((shape): Case => ({
    name: `attention, backward head by head under a bias [${shape}]`,
    shapes: [
      [2, 3, 4],
      [2, 5, 4],
    ],
    options: { attentionBlock: 10 },
    f: (q, k) => {
      const bias = q.graph.constant(values(shape, 4).data as Float32Array, shape);
      return ops.attention(q, k, k, { heads: 2, bias });
    },
  })),
  { name: 'after', shapes: [[3], [2, 2]], f: (x, y) => ops.mul(ops.after(x, y), ops.reduceSum(y)) },
  {
    name: 'mul and softmax, computed again for the backward pass',
    shapes: [
      [2, 3],
      [2, 3],
    ],
    options: { recompute: true },
    f: (x, y) => {
      const hidden = x.graph.segment(() => ops.softmax(ops.mul(x, ops.sin(y))));
      return x.graph.segment(() => ops.mul(hidden, ops.exp(ops.mul(hidden, x))));
    },
  },
];

describe('every op against central finite differences', () => {
  it('has a case for every exported op', () => {
    const named = cases.map((c) => /^\w+/.exec(c.name)![0]);
    // cast has a test of its own: half precision is too coarse for finite differences
    const others = ['equal', 'less', 'reduceTo', 'cast', 'swapLast'];
    expect(Object.keys(ops).filter((op) => !others.includes(op) && !named.includes(op))).toEqual([]);
  });

  for (const { name, shapes, f, options } of cases) {
    it(name, async () => {
      const graph = new Graph(options);
      const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape));
      const y = f(...inputs);
      // a fixed random direction turns any output into a scalar and exercises every element of dy
      const direction = graph.constant(values(y.shape as number[], 9).data as Float32Array, y.shape);
      const loss = ops.reduceSum(ops.mul(y, direction));
      graph.output('loss', loss);
      for (const [i, d] of gradients(loss, inputs).entries()) graph.output(`d${i}`, d);
      const session = await Session.compile(graph, { threads: 1 });

      const at = shapes.map((shape, i) => values(shape, i));
      const feeds = Object.fromEntries(at.map((t, i) => [`x${i}`, t]));
      const result = await session.run(feeds);
      const h = 1e-2;
      for (const [i, t] of at.entries()) {
        const data = t.data as Float32Array;
        for (let k = 0; k < data.length; k++) {
          const x = data[k]!;
          const lossAt = async (moved: number): Promise<number> => {
            data[k] = moved;
            const { loss } = await session.run(feeds, ['loss']);
            data[k] = x;
            return loss.data[0]!;
          };
          // Richardson's extrapolation: error O(h^4), so that float32's rounding is what is left
          const wide = ((await lossAt(x + 2 * h)) - (await lossAt(x - 2 * h))) / (4 * h);
          const near = ((await lossAt(x + h)) - (await lossAt(x - h))) / (2 * h);
          const slope = (4 * near - wide) / 3;
          const found = result[`d${i}`]!.data[k]!;
          expect(Math.abs(found - slope), `d loss / d x${i}[${k}]: ${found} against ${slope}`).toBeLessThan(
            2e-3 * Math.max(1, Math.abs(slope)),
          );
        }
      }
      await session.release();
    });
  }
});

describe('shapes fail when the graph is built', () => {
  const graph = new Graph();
  const x = graph.input('x', [2, 3]);
  const y = graph.input('y', [4, 5]);
  const weight = (name: string) => graph.external(name, [1], { location: 'w', offset: 0, length: 4 });
  it.each([
    ['MatMul: [2, 3] by [4, 5]', () => ops.matmul(x, y)],
    ['Add: cannot broadcast [2, 3] with [4, 5]', () => ops.add(x, y)],
    ['Reshape: [2, 3] does not fit into [7]', () => ops.reshape(x, [7])],
    ['Concat: [2, 3] with [4, 5] along axis 0', () => ops.concat([x, y], 0)],
    ["input 'x' is there twice", () => graph.input('x', [1])],
    ["initializer 'unet/w' is there twice", () => [weight('unet/w'), weight('unet/w')]],
    ["initializer 'x' is there twice", () => weight('x')],
    ['gradients: loss must be a scalar, not [2, 3]', () => gradients(x, [x])],
    ["gradients: the loss does not depend on 'y'", () => gradients(ops.reduceSum(x), [y])],
  ])('%s', (message, build) => {
    expect(build).toThrow(message);
  });

  it('names the op without a gradient rule', () => {
    const Opaque: Op<null> = { name: 'Opaque', infer: ([v]) => [v!], lower: () => {} };
    const [hidden] = graph.apply(Opaque, [x], null);
    expect(() => gradients(ops.reduceSum(hidden!), [x])).toThrow('gradients: Opaque has no gradient rule');
  });
});

it('cast rounds to half precision and hands the gradient through', async () => {
  const graph = new Graph();
  const x = graph.input('x', [3]);
  const y = ops.mul(ops.cast(ops.cast(x, 'float16'), 'float32'), 3);
  graph.output('y', y);
  graph.output('dx', gradients(ops.reduceSum(y), [x])[0]!);
  const session = await Session.compile(graph);
  const result = await session.run({ x: { shape: [3], data: Float32Array.of(1, 1 + 2 ** -12, -2) } });
  expect([...result.y!.data]).toEqual([3, 3, -6]);
  expect([...result.dx!.data]).toEqual([3, 3, 3]);
});

it('group norm over half a million elements is as exact as over few', async () => {
  const shape = [1, 4, 512, 512];
  const size = 512 * 512 * 4;
  const x = Float32Array.from({ length: size }, (_, i) => 3 + Math.sin(1.3 * i) + 2 * Math.sin(0.00001 * i));
  const graph = new Graph();
  const [w, b] = [
    graph.constant(Float32Array.of(1, 2, 3, 4), [4]),
    graph.constant(Float32Array.of(0, 1, 0, -1), [4]),
  ];
  graph.output('y', ops.groupNorm(graph.input('x', shape), w, b, { groups: 2, epsilon: 1e-6 }));
  const session = await Session.compile(graph);
  const { y } = await session.run({ x: { shape, data: x } }, ['y']);
  const half = size / 2;
  let worst = 0;
  for (const group of [0, 1]) {
    const own = x.subarray(group * half, (group + 1) * half);
    const mean = own.reduce((sum, v) => sum + v, 0) / half;
    const variance = own.reduce((sum, v) => sum + (v - mean) ** 2, 0) / half;
    for (let i = 0; i < half; i += 97) {
      const channel = 2 * group + Number(i >= half / 2);
      const wanted =
        ((own[i]! - mean) / Math.sqrt(variance + 1e-6)) * (channel + 1) + [0, 1, 0, -1][channel]!;
      worst = Math.max(worst, Math.abs(y.data[group * half + i]! - wanted));
    }
  }
  expect(worst).toBeLessThan(1e-5);
});

it('the fused attention kernel computes what plain nodes do, in one block and in several', async () => {
  const results = [];
  for (const options of [
    { fusedAttention: true },
    { fusedAttention: false },
    { fusedAttention: false, attentionBlock: 40 },
  ]) {
    const graph = new Graph(options);
    const [q, k, bias] = [
      graph.input('q', [2, 6, 8]),
      graph.input('k', [2, 5, 8]),
      graph.input('b', [2, 1, 6, 5]),
    ];
    graph.output('y', ops.attention(q, k, k, { heads: 2, bias }));
    const session = await Session.compile(graph);
    const feeds = { q: values([2, 6, 8], 1), k: values([2, 5, 8], 2), b: values([2, 1, 6, 5], 3) };
    results.push((await session.run(feeds)).y!.data);
  }
  for (const plain of results.slice(1))
    for (const [i, x] of results[0]!.entries()) expect(plain[i]).toBeCloseTo(x, 5);
});

it('a run writes over the arrays that it is given, be it an input’s own', async () => {
  const graph = new Graph();
  graph.output('y', ops.add(ops.mul(graph.input('x', [2]), 3), 1));
  const session = await Session.compile(graph);
  const x = { shape: [2], data: Float32Array.of(1, 2) };
  for (let run = 0; run < 2; run++) await session.run({ x }, undefined, { y: x });
  expect([...x.data]).toEqual([13, 22]);
});

it('keeps symbolic dimensions open until the run', async () => {
  const graph = new Graph();
  const x = graph.input('x', ['batch', 4]);
  graph.output('y', ops.linear(ops.silu(x), graph.constant(new Float32Array(12).fill(0.5), [3, 4])));
  const session = await Session.compile(graph);
  for (const batch of [1, 5])
    expect((await session.run({ x: values([batch, 4], 0) })).y!.shape).toEqual([batch, 3]);
});
