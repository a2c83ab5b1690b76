import { apply, type Op, type Value } from '../graph.js';
import { axisOf, fixed } from '../types.js';
import { reduceSum } from './broadcast.js';
import { div, mul, sub } from './elementwise.js';

/** Mean over `axes` (all when left out). */
export function reduceMean(x: Value, axes?: readonly number[], keepdims = false): Value {
  const all = (axes ?? x.shape.map((_, i) => i)).map((a) => axisOf('ReduceMean', a, x.shape));
  const count = all.reduce((n, a) => n * fixed(x.shape[a]), 1);
  return div(reduceSum(x, all, keepdims), count);
}

const Softmax: Op<null> = {
  name: 'Softmax',
  infer: ([x]) => [x!],
  lower: (emit, inputs, outputs) => void emit.node('Softmax', inputs, { axis: -1 }, outputs),
  /** dx = y ⊙ (dy − Σ dy ⊙ y). */
  gradient({ outputs: [y] }, [dy]) {
    return [mul(y!, sub(dy!, reduceSum(mul(dy!, y!), [-1], true)))];
  },
};

/** Softmax over the last axis. */
export const softmax = (x: Value): Value => apply(Softmax, [x], null);
