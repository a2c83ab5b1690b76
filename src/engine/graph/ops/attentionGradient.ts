import type { Emitter } from '../emitter.js';
import type { Node, Op, Value } from '../graph.js';
import { fixed } from '../types.js';
import { zeroAfter } from './after.js';

interface Heads {
  readonly heads: number;
  /** Of q, k and v, whose gradients are asked for. */
  readonly wants: readonly [boolean, boolean, boolean];
}

/**
 * The backward pass of attention (see its gradient rule) a head and some queries at a time, so that their scores stay in a
 * processor's cache, and in a Loop over the heads, so that the graph stays small.
 */
const AttentionGradient: Op<Heads> = {
  name: 'AttentionGradient',
  infer: ([q, k, v], { wants }) => [q!, k!, v!].filter((_, i) => wants[i]),
  lower(emit, [q, k, v, out, dy, bias], outputs, node) {
    const { heads, wants } = node.attrs;
    const { batch, queries, keys, width, valueWidth } = sizesOf(node);
    const apart = (x: string, length: number, wide: number, perm: readonly number[]): string => {
      const split = emit.node('Reshape', [x, emit.ints([batch, length, heads, wide])]);
      const turned = emit.node('Transpose', [split], { perm });
      const rows = perm[2] === 1 ? [length, wide] : [wide, length];
      return emit.node('Reshape', [turned, emit.ints([batch * heads, ...rows])]);
    };
    const [ROWS, COLUMNS] = [
      [0, 2, 1, 3],
      [0, 2, 3, 1],
    ];
    const all = {
      q: apart(q!, queries, width, ROWS!),
      keys: apart(k!, keys, width, ROWS!),
      keyColumns: apart(k!, keys, width, COLUMNS!),
      valueColumns: apart(v!, keys, valueWidth, COLUMNS!),
      out: apart(out!, queries, valueWidth, ROWS!),
      dy: apart(dy!, queries, valueWidth, ROWS!),
    };
    const stacked = outputs.map((name) => `${name}.heads`);
    const shapes = [
      [queries, width],
      [width, keys],
      [valueWidth, keys],
    ].filter((_, i) => wants[i]);
    const results = stacked.map((name, i) => ({ name, shape: shapes[i]! }));
    emit.loop(batch * heads, results, (head) => {
      const of = (x: string): string => emit.node('Gather', [x, head], { axis: 0 });
      const own = Object.fromEntries(Object.entries(all).map(([name, x]) => [name, of(x)]));
      const found = oneHead(
        emit,
        { ...(own as typeof all), bias: bias && biasOf(emit, bias, head, node) },
        node,
      );
      return found.filter((_, i) => wants[i]) as string[];
    });
    const joined = [
      { perm: [0, 2, 1, 3], shape: [batch, queries, heads * width] },
      { perm: [0, 3, 1, 2], shape: [batch, keys, heads * width] },
      { perm: [0, 3, 1, 2], shape: [batch, keys, heads * valueWidth] },
    ].filter((_, i) => wants[i]);
    for (const [i, { perm, shape }] of joined.entries()) {
      const split = emit.node('Reshape', [stacked[i]!, emit.ints([batch, heads, ...shapes[i]!])]);
      const turned = emit.node('Transpose', [split], { perm });
      emit.node('Reshape', [turned, emit.ints(shape)], {}, [outputs[i]!]);
    }
  },
  /** Two blocks of scores, and heads apart. */
  scratch(node) {
    const { batch, queries, keys, width, valueWidth, rows } = sizesOf(node);
    const { heads } = node.attrs;
    const apart = queries * (width + 2 * valueWidth) + keys * (2 * width + valueWidth);
    return 4 * (2 * rows * keys + batch * heads * apart);
  },
};

function sizesOf({ inputs: [q, k, v], attrs: { heads } }: Node<Heads>) {
  const [batch, queries, c] = q!.shape.map(fixed) as [number, number, number];
  const keys = fixed(k!.shape[1]);
  const rows = Math.min(queries, Math.max(1, Math.floor(q!.graph.attentionBlock / keys)));
  return { batch, queries, keys, width: c / heads, valueWidth: fixed(v!.shape[2]) / heads, rows };
}

/** The bias of a head, [queries, keys]: all heads of a row have the same. */
function biasOf(emit: Emitter, bias: string, head: string, { inputs, attrs }: Node<Heads>): string {
  const [batch, , queries, keys] = inputs[5]!.shape.map(fixed) as [number, number, number, number];
  const apart = emit.node('Reshape', [bias, emit.ints([batch, queries, keys])]);
  const together = batch === 1 ? fixed(inputs[0]!.shape[0]) * attrs.heads : attrs.heads;
  const row = emit.node('Div', [head, emit.node('Reshape', [emit.ints([together]), emit.ints([])])]);
  return emit.node('Gather', [apart, row], { axis: 0 });
}

interface Head {
  readonly q: string;
  readonly keys: string;
  readonly keyColumns: string;
  readonly valueColumns: string;
  readonly out: string;
  readonly dy: string;
  readonly bias?: string | undefined;
}

/** @returns dQ [queries, width], dKᵀ [width, keys], dVᵀ, each where it is asked for */
function oneHead(emit: Emitter, head: Head, node: Node<Heads>): (string | undefined)[] {
  const { queries, keys, width, valueWidth, rows } = sizesOf(node);
  const { wants } = node.attrs;
  const scale = { alpha: { float: 1 / Math.sqrt(width) } };
  const { dtype } = node.inputs[0]!;
  // dS = P ⊙ (dO Vᵀ − δ): the product subtracts δ itself, one more column of dO by a row of ones under Vᵀ
  const along = emit.node('Mul', [head.dy, head.out]);
  const delta = emit.node('ReduceSum', [along, emit.ints([1])], { keepdims: 1 });
  const dyMinus = emit.node('Concat', [head.dy, emit.node('Neg', [delta])], { axis: 1 });
  const ones = emit.node('Reshape', [emit.ones(keys), emit.ints([1, keys])]);
  const valuesOne = emit.node('Concat', [head.valueColumns, ones], { axis: 0 });

  const dqs: string[] = [];
  let [dk, dv]: (string | undefined)[] = [];
  for (let start = 0; start < queries; start += rows) {
    const end = Math.min(queries, start + rows);
    const cut = (x: string): string =>
      emit.node('Slice', [x, emit.ints([start]), emit.ints([end]), emit.ints([0])]);
    // one block after all of the other: their scores must not be alive together, whatever order the nodes run in
    const before: [string | undefined, number[]][] = [
      [dqs.at(-1), [end - start, width]],
      [dk, [width, keys]],
      [dv, [valueWidth, keys]],
    ];
    let q = cut(head.q);
    for (const [other, shape] of before)
      if (other) q = emit.node('Add', [q, zeroAfter(emit, other, { shape, dtype }, dtype)]);
    const biased = head.bias ? [cut(head.bias)] : [];
    const p = emit.node('Softmax', [emit.node('Gemm', [q, head.keyColumns, ...biased], scale)], { axis: -1 });
    const sum = (a: string, b: string, before: string | undefined, alpha = {}): string =>
      emit.node('Gemm', [a, b, ...(before ? [before] : [])], { transA: 1, ...alpha });
    if (wants[2]) dv = sum(cut(head.dy), p, dv);
    if (!wants[0] && !wants[1]) continue;
    const ds = emit.node('Mul', [p, emit.node('Gemm', [cut(dyMinus), valuesOne])]);
    if (wants[0]) dqs.push(emit.node('Gemm', [ds, head.keys], scale));
    if (wants[1]) dk = sum(q, ds, dk, scale);
  }
  return [dqs.length > 1 ? emit.node('Concat', dqs, { axis: 0 }) : dqs[0], dk, dv];
}

/**
 * @returns gradients of q, k and v as they are asked for, or nothing where this way of computing them is no gain: scores
 * that a cache holds anyway, halves, a GPU, a bias for each head
 */
export function headByHead(
  {
    inputs: [q, k, v, bias],
    outputs: [out],
    attrs: { heads },
  }: Pick<Node<{ heads: number }>, 'inputs' | 'outputs' | 'attrs'>,
  dy: Value,
  wants: readonly boolean[],
): (Value | undefined)[] | undefined {
  const { graph } = dy;
  const [batch, queries] = q!.shape.map(fixed) as [number, number];
  const scores = batch * heads * queries * fixed(k!.shape[1]);
  const fits = bias === undefined || (bias.shape[1] === 1 && !wants[3]);
  if (!graph.onCpu || q!.dtype !== 'float32' || !fits || scores <= graph.attentionBlock) return undefined;
  const own = [wants[0], wants[1], wants[2]] as [boolean, boolean, boolean];
  const inputs = [q!, k!, v!, out!, dy, ...(bias ? [bias] : [])];
  const found = [...graph.apply(AttentionGradient, inputs, { heads, wants: own })];
  return [...own.map((want) => (want ? found.shift() : undefined)), ...(bias ? [undefined] : [])];
}
