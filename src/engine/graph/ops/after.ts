import type { Emitter } from '../emitter.js';
import { apply, type Op, type Value } from '../graph.js';
import type { DType } from '../types.js';

const After: Op<null> = {
  name: 'After',
  infer: ([x]) => [x!],
  lower(emit, [x, other], outputs, { inputs: [value, before] }) {
    const zero = zeroAfter(emit, other!, before!, value!.dtype);
    emit.node('Add', [x!, zero], {}, outputs);
  },
  gradient: (_node, [dy]) => [dy, undefined],
};

/** A zero taken from one element of another value: |e| < 0 holds for no number, nor for NaN. */
export function zeroAfter(
  emit: Emitter,
  other: string,
  { shape, dtype }: Pick<Value, 'shape' | 'dtype'>,
  to: DType,
): string {
  const axes = shape.map((_, i) => i);
  const [zeros, ones] = [axes.map(() => 0), axes.map(() => 1)];
  const first = (): string => emit.node('Slice', [other, ...[zeros, ones, axes].map((v) => emit.ints(v))]);
  const scalar = emit.node('Reshape', [axes.length > 0 ? first() : other, emit.ints([])]);
  const never = emit.node('Less', [emit.node('Abs', [scalar]), emit.float(0, dtype)]);
  return emit.node('Cast', [never], { to: { dtype: to } });
}

/**
 * `x`, but not before `other` has been computed. It orders what memory depends on, and it keeps ONNX Runtime's
 * common-subexpression pass from merging a recomputation with its original. Costs a copy of `x`.
 */
export const after = (x: Value, other: Value): Value => apply(After, [x, other], null);
