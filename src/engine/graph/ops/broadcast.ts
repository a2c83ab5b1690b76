/** Values spread over axes and summed over them: each is the other's gradient. */
import { apply, type Op, type Value } from '../graph.js';
import { axisOf, broadcast, fixed, type Shape, ShapeError, sameShape, show } from '../types.js';
import { reshape } from './reshape.js';

const Expand: Op<{ shape: Shape }> = {
  name: 'Expand',
  infer([x], { shape }) {
    if (!sameShape(broadcast('Expand', x!.shape, shape), shape)) {
      throw new ShapeError(`Expand: ${show(x!.shape)} does not broadcast to ${show(shape)}`);
    }
    return [{ dtype: x!.dtype, shape }];
  },
  lower(emit, [x], outputs, { attrs }) {
    emit.node('Expand', [x!, emit.ints(attrs.shape.map(fixed))], {}, outputs);
  },
  gradient: ({ inputs: [x] }, [dy]) => [reduceTo(dy!, x!.shape)],
};

/** Broadcasts `x` to `shape`. */
export const expandTo = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply(Expand, [x], { shape });

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

/** Undoes broadcasting: sums `x` down to `shape`. */
export function reduceTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.shape.length - shape.length;
  const axes = x.shape
    .map((_, i) => i)
    .filter((i) => i < lead || (shape[i - lead] === 1 && x.shape[i] !== 1));
  return reshape(reduceSum(x, axes, true), shape);
}
