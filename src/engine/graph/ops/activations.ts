import type { Emitter } from '../emitter.js';
import { apply, type Op, type Value } from '../graph.js';
import { fixed, ShapeError, show, sizeOf } from '../types.js';
import { concat, slice } from './concat.js';
import { add, erf, exp, mul, sigmoid, sub } from './elementwise.js';

/** The nodes of x·σ(x). */
export const lowerSilu = (emit: Emitter, x: string, outputs: readonly string[]): void =>
  void emit.node('Mul', [x, emit.node('Sigmoid', [x])], {}, outputs);

/** σ(x)·(1 + x·(1 − σ(x))) */
export function siluSlope(x: Value): Value {
  const s = sigmoid(x);
  return mul(s, add(mul(x, sub(1, s)), 1));
}

const Silu: Op<null> = {
  name: 'Silu',
  infer: ([x]) => [x!],
  lower: (emit, [x], outputs) => lowerSilu(emit, x!, outputs),
  gradient: ({ inputs: [x] }, [dy]) => [mul(dy!, siluSlope(x!))],
};

/** x·σ(x) */
export const silu = (x: Value): Value => apply(Silu, [x], null);

/** Φ(x) + x·φ(x) */
function geluSlope(x: Value): Value {
  const cdf = mul(add(erf(mul(x, Math.SQRT1_2)), 1), 0.5);
  const pdf = mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return add(cdf, mul(x, pdf));
}

const Gelu: Op<null> = {
  name: 'Gelu',
  infer: ([x]) => [x!],
  lower: (emit, inputs, outputs) => void emit.node('Gelu', inputs, {}, outputs),
  gradient: ({ inputs: [x] }, [dy]) => [mul(dy!, geluSlope(x!))],
};

/** The exact (erf) GELU of Hendrycks & Gimpel. */
export const gelu = (x: Value): Value => apply(Gelu, [x], null);

/** x·σ(1.702 x): the GELU of OpenAI's CLIP. */
export const quickGelu = (x: Value): Value => mul(x, sigmoid(mul(x, 1.702)));

const halfOf = ({ shape }: Value): number => fixed(shape.at(-1)) / 2;

const Geglu: Op<null> = {
  name: 'Geglu',
  infer([x]) {
    if (fixed(x!.shape.at(-1)) % 2 !== 0) throw new ShapeError(`Geglu: ${show(x!.shape)} has no two halves`);
    return [{ dtype: x!.dtype, shape: x!.shape.with(-1, halfOf(x!)) }];
  },
  lower(emit, [x], [y], { inputs: [value] }) {
    const half = halfOf(value!);
    const [hidden, gate] = [`${y}.hidden`, `${y}.gate`];
    emit.node('Split', [x!, emit.ints([half, half])], { axis: -1 }, [hidden, gate]);
    emit.node('Mul', [hidden, emit.node('Gelu', [gate])], {}, [y!]);
  },
  /** The halves, and the gate's GELU. */
  scratch: ({ inputs: [x] }) => 4 * 1.5 * sizeOf(x!.shape),
  /** From what went in, so that neither its halves nor GELU(gate) are kept: 2 C of 3.5 C. */
  gradient({ inputs: [x] }, [dy]) {
    const half = halfOf(x!);
    const [hidden, gate] = [slice(x!, -1, 0, half), slice(x!, -1, half, 2 * half)];
    return [concat([mul(dy!, gelu(gate)), mul(mul(dy!, hidden), geluSlope(gate))], -1)];
  },
};

/** GEGLU (Shazeer 2020) of what its linear layer made: [..., 2 C], hidden and gate -> hidden · GELU(gate), [..., C]. */
export const geglu = (x: Value): Value => apply(Geglu, [x], null);
