import { apply, type Op, type Value } from '../graph.js';

const After: Op<null> = {
  name: 'After',
  infer: ([x]) => [x!],
  /** x + 0, where the zero is taken from one element of the other value: |e| < 0 holds for no number, nor for NaN. */
  lower(emit, [x, other], outputs, { inputs: [value, before] }) {
    const axes = before!.shape.map((_, i) => i);
    const [zeros, ones] = [axes.map(() => 0), axes.map(() => 1)];
    const first = (): string => emit.node('Slice', [other!, ...[zeros, ones, axes].map((v) => emit.ints(v))]);
    const scalar = emit.node('Reshape', [axes.length > 0 ? first() : other!, emit.ints([])]);
    const never = emit.node('Less', [emit.node('Abs', [scalar]), emit.float(0, before!.dtype as 'float32')]);
    emit.node('Add', [x!, emit.node('Cast', [never], { to: { dtype: value!.dtype } })], {}, outputs);
  },
  gradient: (_node, [dy]) => [dy, undefined],
};

/**
 * `x`, but not before `other` has been computed. It orders what memory depends on, and it keeps ONNX Runtime's
 * common-subexpression pass from merging a recomputation with its original. Costs a copy of `x`.
 */
export const after = (x: Value, other: Value): Value => apply(After, [x, other], null);
