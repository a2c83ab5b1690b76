import { apply, type Op, type Value } from '../graph.js';
import { type Shape, ShapeError, sameShape, show, sizeOf } from '../types.js';

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
