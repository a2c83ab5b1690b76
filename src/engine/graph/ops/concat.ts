/** Values joined along an axis and cut out of it: each is the other's gradient. */
import { apply, type Op, type Value } from '../graph.js';
import { axisOf, fixed, ShapeError, sameShape, show } from '../types.js';
import { expandTo } from './broadcast.js';

const Concat: Op<{ axis: number }> = {
  name: 'Concat',
  infer(inputs, { axis }) {
    const first = inputs[0]!;
    for (const v of inputs) {
      if (!sameShape(v.shape.toSpliced(axis, 1), first.shape.toSpliced(axis, 1))) {
        throw new ShapeError(`Concat: ${show(first.shape)} with ${show(v.shape)} along axis ${axis}`);
      }
    }
    const total = inputs.reduce((n, v) => n + fixed(v.shape[axis]), 0);
    return [{ dtype: first.dtype, shape: first.shape.with(axis, total) }];
  },
  lower: (emit, inputs, outputs, { attrs }) =>
    void emit.node('Concat', inputs, { axis: attrs.axis }, outputs),
  gradient({ inputs, attrs: { axis } }, [dy], wants) {
    let at = 0;
    return inputs.map((v, i) => {
      const start = at;
      at += fixed(v.shape[axis]);
      return wants[i] ? slice(dy!, axis, start, at) : undefined;
    });
  },
};

export function concat(values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  return apply(Concat, values, { axis: axisOf('Concat', axis, values[0]!.shape) });
}

const Slice: Op<{ axis: number; start: number; end: number }> = {
  name: 'Slice',
  infer([x], { axis, start, end }) {
    const size = fixed(x!.shape[axis]);
    if (start < 0 || end > size || start >= end) {
      throw new ShapeError(`Slice: ${start}..${end} of axis ${axis} of ${show(x!.shape)}`);
    }
    return [{ dtype: x!.dtype, shape: x!.shape.with(axis, end - start) }];
  },
  lower(emit, [x], outputs, { attrs: { axis, start, end } }) {
    emit.node('Slice', [x!, emit.ints([start]), emit.ints([end]), emit.ints([axis])], {}, outputs);
  },
  /** Zeros on both sides, by Concat: a Pad node would fall off the GPU (see OPSET). */
  gradient({ inputs: [x], attrs: { axis, start, end } }, [dy]) {
    const zero = dy!.graph.scalar(0, dy!.dtype as 'float32');
    const zeros = (size: number): Value[] => (size > 0 ? [expandTo(zero, x!.shape.with(axis, size))] : []);
    return [concat([...zeros(start), dy!, ...zeros(fixed(x!.shape[axis]) - end)], axis)];
  },
};

const Split: Op<{ axis: number; sizes: readonly number[] }> = {
  name: 'Split',
  infer: ([x], { axis, sizes }) =>
    sizes.map((size) => ({ dtype: x!.dtype, shape: x!.shape.with(axis, size) })),
  lower(emit, [x], outputs, { outputs: parts, attrs: { axis, sizes } }) {
    const names = parts.map((part, i) => outputs[i] || part.name);
    emit.node('Split', [x!, emit.ints(sizes)], { axis }, names);
  },
  /** A part that does not matter has no cotangent: it is zeros. */
  gradient({ outputs, attrs: { axis } }, dys) {
    const { graph, dtype } = dys.find((dy) => dy !== undefined)!;
    const zeros = ({ shape }: Value): Value => expandTo(graph.scalar(0, dtype as 'float32'), shape);
    return [
      concat(
        outputs.map((part, i) => dys[i] ?? zeros(part)),
        axis,
      ),
    ];
  },
};

/** An axis cut into as few parts as none is longer than `most`, of one length as far as it goes. */
export function split(x: Value, axis: number, most: number): Value[] {
  const at = axisOf('Split', axis, x.shape);
  const size = fixed(x.shape[at]);
  const length = Math.ceil(size / Math.ceil(size / most));
  const sizes = Array.from({ length: Math.ceil(size / length) }, (_, i) =>
    Math.min(length, size - i * length),
  );
  return sizes.length === 1 ? [x] : x.graph.apply(Split, [x], { axis: at, sizes });
}

/** Elements `start` up to (not with) `end` of one axis. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  const at = axisOf('Slice', axis, x.shape);
  return start === 0 && end === x.shape[at] ? x : apply(Slice, [x], { axis: at, start, end });
}
