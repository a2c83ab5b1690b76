import { apply, type Op, type Value } from '../graph.js';
import { axisOf, broadcast, fixed, type Shape, ShapeError, sameShape, show, sizeOf } from '../types.js';
import { reduceSum, reduceTo } from './reduce.js';

const isFixed = (shape: Shape): boolean => shape.every((d) => typeof d === 'number');

const Reshape: Op<{ shape: Shape }> = {
  name: 'Reshape',
  infer([x], { shape }) {
    if (isFixed(x!.shape) && isFixed(shape) && sizeOf(x!.shape) !== sizeOf(shape)) {
      throw new ShapeError(`Reshape: ${show(x!.shape)} does not fit into ${show(shape)}`);
    }
    return [{ dtype: x!.dtype, shape }];
  },
  lower(emit, [x], outputs, { attrs }) {
    emit.node('Reshape', [x!, emit.shape(attrs.shape)], {}, outputs);
  },
  gradient: ({ inputs: [x] }, [dy]) => [reshape(dy!, x!.shape)],
};

export const reshape = (x: Value, shape: Shape): Value =>
  sameShape(x.shape, shape) ? x : apply(Reshape, [x], { shape });

const Transpose: Op<{ perm: readonly number[] }> = {
  name: 'Transpose',
  infer([x], { perm }) {
    if ([...perm].sort((a, b) => a - b).some((p, i) => p !== i) || perm.length !== x!.shape.length) {
      throw new ShapeError(`Transpose: ${show(perm)} does not permute ${show(x!.shape)}`);
    }
    return [{ dtype: x!.dtype, shape: perm.map((p) => x!.shape[p]!) }];
  },
  lower: (emit, inputs, outputs, { attrs }) =>
    void emit.node('Transpose', inputs, { perm: attrs.perm }, outputs),
  gradient({ attrs: { perm } }, [dy]) {
    return [
      transpose(
        dy!,
        perm.map((_, i) => perm.indexOf(i)),
      ),
    ];
  },
};

export const transpose = (x: Value, perm: readonly number[]): Value => apply(Transpose, [x], { perm });

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
    const zeros = (size: number): Value[] =>
      size > 0 ? [expandTo(dy!.graph.scalar(0), x!.shape.with(axis, size))] : [];
    return [concat([...zeros(start), dy!, ...zeros(fixed(x!.shape[axis]) - end)], axis)];
  },
};

/** Elements `start` up to (not with) `end` of one axis. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  const at = axisOf('Slice', axis, x.shape);
  return start === 0 && end === x.shape[at] ? x : apply(Slice, [x], { axis: at, start, end });
}

const UpsampleNearest2x: Op<null> = {
  name: 'UpsampleNearest2x',
  infer([x]) {
    const [n, c, h, w] = x!.shape;
    if (x!.shape.length !== 4)
      throw new ShapeError(`UpsampleNearest2x: ${show(x!.shape)} is not [N, C, H, W]`);
    return [{ dtype: x!.dtype, shape: [n!, c!, fixed(h) * 2, fixed(w) * 2] }];
  },
  lower(emit, [x], outputs, { outputs: [y] }) {
    const mode = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
    emit.node('Resize', [x!, '', '', emit.ints(y!.shape.map(fixed))], mode, outputs);
  },
  /** Every source pixel went to a 2x2 block: sum over it. */
  gradient({ inputs: [x] }, [dy]) {
    const [n, c, h, w] = x!.shape;
    return [reduceSum(reshape(dy!, [n!, c!, h!, 2, w!, 2]), [3, 5])];
  },
};

/** [N, C, H, W] -> [N, C, 2H, 2W], each pixel repeated. */
export const upsampleNearest2x = (x: Value): Value => apply(UpsampleNearest2x, [x], null);
