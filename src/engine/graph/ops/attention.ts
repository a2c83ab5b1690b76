import { apply, type Node, type Op, type Value } from '../graph.js';
import type { Emitter } from '../emitter.js';
import { fixed, ShapeError, show } from '../types.js';
import { after } from './after.js';
import { headByHead } from './attentionGradient.js';
import { reduceSum, reduceTo } from './broadcast.js';
import { concat, slice } from './concat.js';
import { add, mul, sub } from './elementwise.js';
import { matmul, swapLast } from './matmul.js';
import { softmax } from './reduce.js';
import { reshape, transpose } from './reshape.js';

interface Heads {
  readonly heads: number;
}

/** How queries are cut so that no block's scores [B, heads, rows, T] outgrow the limit: [start, end) each. */
function blocksOf(limit: number, queries: number, scoresOfOne: number): [number, number][] {
  const rows = Math.min(queries, Math.max(1, Math.floor(limit / scoresOfOne)));
  return Array.from({ length: Math.ceil(queries / rows) }, (_, i) => [
    i * rows,
    Math.min(queries, (i + 1) * rows),
  ]);
}

const splitHeads = (x: Value, heads: number): Value => {
  const [b, n, c] = x.shape;
  return transpose(reshape(x, [b!, n!, heads, fixed(c) / heads]), [0, 2, 1, 3]);
};

const joinHeads = (x: Value): Value => {
  const [b, heads, n, d] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [b!, n!, fixed(heads) * fixed(d)]);
};

const Attention: Op<Heads & { fused: boolean }> = {
  name: 'Attention',
  infer([q, k, v], { heads }) {
    const [b, n, c] = q!.shape;
    if (fixed(c) % heads !== 0)
      throw new ShapeError(`attention: ${show(q!.shape)} does not split into ${heads} heads`);
    if (k!.shape[2] !== c || k!.shape[1] !== v!.shape[1])
      throw new ShapeError(`attention: ${show(q!.shape)} over ${show(k!.shape)} and ${show(v!.shape)}`);
    return [{ dtype: q!.dtype, shape: [b!, n!, v!.shape[2]!] }];
  },
  lower(emit, inputs, outputs, node) {
    if (!node.attrs.fused) return lowerInBlocks(emit, inputs, outputs[0]!, node);
    const [q, k, v, bias] = inputs;
    const given = [q!, k!, v!, ...(bias ? ['', '', bias] : [])];
    emit.fused('MultiHeadAttention', given, { num_heads: node.attrs.heads }, outputs);
  },
  /** Heads apart; with a bias ONNX Runtime's CPU kernel also holds all scores. */
  scratch({ inputs: [q, k, , bias], attrs: { heads } }) {
    const [b, n, c] = q!.shape.map(fixed) as [number, number, number];
    const keys = fixed(k!.shape[1]);
    return 4 * b * (c * (n + 2 * keys) + (bias ? heads * n * keys : 0));
  },
  /**
   * The probabilities P are not kept but made again from q and k, a block of queries at a time (FlashAttention, arXiv
   * 2205.14135, algorithm 4), so that training keeps q, k, v and the output alone:
   *
   *     dV = Σ Pᵀ dO   dS = P ⊙ (dO Vᵀ − rowsum(dO ⊙ O))   dQ = dS K/√d   dK = Σ dSᵀ Q/√d
   */
  gradient(node, [dy], wants) {
    const apart = headByHead(node, dy!, wants);
    if (apart) return apart;
    const {
      inputs: [q, k, v, bias],
      outputs: [out],
      attrs: { heads },
    } = node;
    const scale = 1 / Math.sqrt(fixed(q!.shape[2]) / heads);
    const [qh, kh, vh, dh] = [mul(q!, scale), k!, v!, dy!].map((x) => splitHeads(x, heads));
    const delta = reduceSum(mul(dh!, splitHeads(out!, heads)), [-1], true);
    const scored = Boolean(wants[0] || wants[1] || wants[3]);
    const [dqs, dbiases]: [Value[], Value[]] = [[], []];
    let [dk, dv]: (Value | undefined)[] = [];
    const [batch, , queries] = qh!.shape.map(fixed);
    const scoresOfOne = batch! * heads * fixed(k!.shape[1]);
    for (const [start, end] of blocksOf(dy!.graph.attentionBlock, queries!, scoresOfOne)) {
      const rows = (x: Value): Value => slice(x, 2, start, end);
      // one block after all of the other: their scores must not be alive together, whatever order the nodes run in
      const before = [dk, dv, dqs.at(-1), dbiases.at(-1)].filter((x) => x !== undefined);
      const qb = before.reduce(after, rows(qh!));
      const scores = matmul(qb, swapLast(kh!));
      const p = softmax(bias ? add(scores, bias.shape[2] === 1 ? bias : rows(bias)) : scores);
      const db = rows(dh!);
      if (wants[2]) dv = sum(dv, matmul(swapLast(p), db));
      if (!scored) continue;
      const ds = mul(p, sub(matmul(db, swapLast(vh!)), rows(delta)));
      if (wants[0]) dqs.push(matmul(ds, kh!));
      if (wants[1]) dk = sum(dk, matmul(swapLast(ds), qb));
      if (wants[3]) dbiases.push(ds);
    }
    return [
      wants[0] ? mul(joinHeads(concat(dqs, 2)), scale) : undefined,
      dk && joinHeads(dk),
      dv && joinHeads(dv),
      ...(bias ? [wants[3] ? reduceTo(concat(dbiases, 2), bias.shape) : undefined] : []),
    ];
  },
};

const sum = (a: Value | undefined, b: Value): Value => (a ? add(a, b) : b);

/** The same in ONNX's own nodes, for devices whose fused kernel is wrong; no tensor outgrows a GPU's buffers. */
function lowerInBlocks(
  emit: Emitter,
  [q, k, v, bias]: readonly string[],
  output: string,
  { inputs, attrs: { heads } }: Node<Heads>,
): void {
  const [batch, queries, width] = inputs[0]!.shape.map(fixed) as [number, number, number];
  const { dtype } = inputs[0]!;
  const [keys, out] = [fixed(inputs[1]!.shape[1]), fixed(inputs[2]!.shape[2])];
  const split = (x: string, length: number, c: number, perm: readonly number[]): string =>
    emit.node('Transpose', [emit.node('Reshape', [x, emit.ints([batch, length, heads, c / heads])])], {
      perm,
    });
  const scaled = emit.node('Mul', [q!, emit.float(1 / Math.sqrt(width / heads), dtype)]);
  const qh = split(scaled, queries, width, [0, 2, 1, 3]);
  const kt = split(k!, keys, width, [0, 2, 3, 1]);
  const vh = split(v!, keys, out, [0, 2, 1, 3]);
  const blocks = blocksOf(inputs[0]!.graph.attentionBlock, queries, batch * heads * keys);
  const rows = (x: string, [start, end]: readonly [number, number]): string =>
    blocks.length === 1 ? x : emit.node('Slice', [x, emit.ints([start]), emit.ints([end]), emit.ints([2])]);
  const biased = (scores: string, block: readonly [number, number]): string =>
    bias ? emit.node('Add', [scores, inputs[3]!.shape[2] === 1 ? bias : rows(bias, block)]) : scores;
  const parts = blocks.map((block) => {
    const scores = biased(emit.node('MatMul', [rows(qh, block), kt]), block);
    const p = emit.node('Softmax', [emit.cast(scores, dtype, 'float32')], { axis: -1 });
    return emit.node('MatMul', [emit.cast(p, 'float32', dtype), vh]);
  });
  const whole = parts.length === 1 ? parts[0]! : emit.node('Concat', parts, { axis: 2 });
  const joined = emit.node('Transpose', [whole], { perm: [0, 2, 1, 3] });
  emit.node('Reshape', [joined, emit.ints([batch, queries, out])], {}, [output]);
}

/**
 * softmax(q kᵀ/√d + bias) v with `heads` heads (Vaswani et al. 2017).
 * q [B, N, C], k and v [B, T, C], bias additive [B|1, heads|1, N|1, T] -> [B, N, C].
 */
export function attention(
  q: Value,
  k: Value,
  v: Value,
  { heads, bias }: Heads & { bias?: Value | undefined },
): Value {
  return apply(Attention, bias ? [q, k, v, bias] : [q, k, v], { heads, fused: q.graph.fusedAttention });
}
