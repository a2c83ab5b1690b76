import { apply, type Op, type Value } from '../graph.js';
import { axisOf, fixed, type Shape, sameShape } from '../types.js';
import { div, mul, sub } from './elementwise.js';
import { expandTo, reshape } from './shape.js';

interface Axes {
  readonly axes: readonly number[];
  readonly keepdims: boolean;
}

function reduced(shape: Shape, { axes, keepdims }: Axes): Shape {
  return keepdims
    ? shape.map((d, i) => (axes.includes(i) ? 1 : d))
    : shape.filter((_, i) => !axes.includes(i));
}

const ReduceSum: Op<Axes> = {
  name: 'ReduceSum',
  infer: ([x], attrs) => [{ dtype: x!.dtype, shape: reduced(x!.shape, attrs) }],
  lower(emit, [x], outputs, { attrs }) {
    emit.node('ReduceSum', [x!, emit.ints(attrs.axes)], { keepdims: attrs.keepdims ? 1 : 0 }, outputs);
  },
  gradient({ inputs: [x], attrs }, [dy]) {
    const kept = reshape(dy!, reduced(x!.shape, { ...attrs, keepdims: true }));
    return [expandTo(kept, x!.shape)];
  },
};

/** Sum over `axes` (all when left out). */
export function reduceSum(x: Value, axes?: readonly number[], keepdims = false): Value {
  const all = (axes ?? x.shape.map((_, i) => i)).map((a) => axisOf('ReduceSum', a, x.shape));
  return all.length === 0 ? x : apply(ReduceSum, [x], { axes: all, keepdims });
}

/** Mean over `axes` (all when left out). */
export function reduceMean(x: Value, axes?: readonly number[], keepdims = false): Value {
  const all = (axes ?? x.shape.map((_, i) => i)).map((a) => axisOf('ReduceMean', a, x.shape));
  const count = all.reduce((n, a) => n * fixed(x.shape[a]), 1);
  return div(reduceSum(x, all, keepdims), count);
}

/** Undoes broadcasting: sums `x` down to `shape`. */
export function reduceTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, i) => i)
    .filter((i) => i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1));
  return reshape(reduceSum(x, axes, true), shape);
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
