import { apply, type Op, type Value } from '../graph.js';
import { broadcast, fixed, ShapeError, show } from '../types.js';
import { reduceTo } from './broadcast.js';
import { reshape, transpose } from './reshape.js';

/** The last two axes exchanged. */
export const swapLast = (x: Value): Value => {
  const rank = x.shape.length;
  const perm = x.shape.map((_, i) => i);
  perm[rank - 1] = rank - 2;
  perm[rank - 2] = rank - 1;
  return transpose(x, perm);
};

const MatMul: Op<null> = {
  name: 'MatMul',
  infer([a, b]) {
    const [p, q] = [a!.shape, b!.shape];
    if (p.length < 2 || q.length < 2 || p.at(-1) !== q.at(-2)) {
      throw new ShapeError(`MatMul: ${show(p)} by ${show(q)}`);
    }
    const lead = broadcast('MatMul', p.slice(0, -2), q.slice(0, -2));
    return [{ dtype: a!.dtype, shape: [...lead, p.at(-2)!, q.at(-1)!] }];
  },
  lower: (emit, inputs, outputs) => void emit.node('MatMul', inputs, {}, outputs),
  gradient({ inputs: [a, b] }, [dy], wants) {
    return [
      wants[0] ? reduceTo(matmul(dy!, swapLast(b!)), a!.shape) : undefined,
      wants[1] ? reduceTo(matmul(swapLast(a!), dy!), b!.shape) : undefined,
    ];
  },
};

/** Batched matrix product: [..., M, K] by [..., K, N]. */
export const matmul = (a: Value, b: Value): Value => apply(MatMul, [a, b], null);

interface GemmAttrs {
  readonly transA: boolean;
  readonly transB: boolean;
}

const Gemm: Op<GemmAttrs> = {
  name: 'Gemm',
  infer([a, b, c], { transA, transB }) {
    if (a!.shape.length !== 2 || b!.shape.length !== 2) {
      throw new ShapeError(`Gemm: ${show(a!.shape)} by ${show(b!.shape)}`);
    }
    const [m, k] = transA ? a!.shape.toReversed() : a!.shape;
    const [l, n] = transB ? b!.shape.toReversed() : b!.shape;
    if (k !== l || (c && c.shape.at(-1) !== n)) {
      const bias = c ? ` plus ${show(c.shape)}` : '';
      throw new ShapeError(
        `Gemm: ${show(a!.shape)}${transA ? 'ᵀ' : ''} by ${show(b!.shape)}${transB ? 'ᵀ' : ''}${bias}`,
      );
    }
    return [{ dtype: a!.dtype, shape: [m!, n!] }];
  },
  lower(emit, inputs, outputs, { attrs }) {
    emit.node('Gemm', inputs, { transA: attrs.transA ? 1 : 0, transB: attrs.transB ? 1 : 0 }, outputs);
  },
  /** Transposes move into the flags, so that no weight is ever copied for the backward pass. */
  gradient({ inputs: [a, b, c], attrs: { transA, transB } }, [dy], wants) {
    const da = () =>
      transA ? gemm(b!, dy!, { transA: transB, transB: true }) : gemm(dy!, b!, { transB: !transB });
    const db = () =>
      transB ? gemm(dy!, a!, { transA: true, transB: transA }) : gemm(a!, dy!, { transA: !transA });
    const out = [wants[0] ? da() : undefined, wants[1] ? db() : undefined];
    return c ? [...out, wants[2] ? reduceTo(dy!, c.shape) : undefined] : out;
  },
};

/** op(A)·op(B), both two-dimensional. */
export const gemm = (
  a: Value,
  b: Value,
  { transA = false, transB = false }: Partial<GemmAttrs> = {},
): Value => apply(Gemm, [a, b], { transA, transB });

/** x·Wᵀ + b as torch.nn.Linear: x [..., in], weight [out, in], bias [out] -> [..., out]. */
export function linear(x: Value, weight: Value, bias?: Value): Value {
  const wide = x.shape.at(-1)!;
  const lead = x.shape.slice(0, -1);
  const rows = lead.every((d) => typeof d === 'number')
    ? lead.reduce<number>((n, d) => n * fixed(d), 1)
    : 'rows';
  const flat = reshape(x, [rows, wide]);
  const y = apply(Gemm, bias ? [flat, weight, bias] : [flat, weight], { transA: false, transB: true });
  return reshape(y, [...lead, weight.shape[0]!]);
}
