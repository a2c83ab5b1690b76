import { apply, type Op, type Value } from '../graph.js';
import { fixed, type Shape, ShapeError, show, sizeOf } from '../types.js';
import { mul, sub } from './elementwise.js';
import { reduceMean, reduceSum } from './reduce.js';
import { reshape } from './shape.js';

interface Epsilon {
  readonly epsilon: number;
}

/** dx of x̂ = (x − μ)·r over the last axis: r·(d − mean(d) − x̂·mean(d·x̂)), d the cotangent of x̂. */
function normalizedGradient(d: Value, xhat: Value, inverseStd: Value): Value {
  const mean = reduceMean(d, [-1], true);
  const along = reduceMean(mul(d, xhat), [-1], true);
  return mul(inverseStd, sub(sub(d, mean), mul(xhat, along)));
}

const LayerNorm: Op<Epsilon> = {
  name: 'LayerNorm',
  infer([x, weight]) {
    if (weight!.shape.length !== 1 || weight!.shape[0] !== x!.shape.at(-1)) {
      throw new ShapeError(`LayerNorm: ${show(x!.shape)} with weight ${show(weight!.shape)}`);
    }
    const statistics = { dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), 1] };
    return [x!, statistics, statistics];
  },
  lower(emit, inputs, outputs, { attrs: { epsilon } }) {
    emit.node('LayerNormalization', inputs, { axis: -1, epsilon: { float: epsilon } }, outputs);
  },
  gradient({ inputs: [x, weight, bias], outputs: [, mean, inverseStd] }, [dy], wants) {
    const xhat = mul(sub(x!, mean!), inverseStd!);
    const lead = x!.shape.slice(0, -1).map((_, i) => i);
    return [
      wants[0] ? normalizedGradient(mul(dy!, weight!), xhat, inverseStd!) : undefined,
      wants[1] ? reduceSum(mul(dy!, xhat), lead) : undefined,
      ...(bias ? [wants[2] ? reduceSum(dy!, lead) : undefined] : []),
    ];
  },
};

/** Layer normalisation over the last axis (Ba et al. 2016): x [..., C], weight and bias [C]. */
export const layerNorm = (x: Value, weight: Value, bias: Value, epsilon: number): Value =>
  apply(LayerNorm, [x, weight, bias], { epsilon });

interface Groups extends Epsilon {
  readonly groups: number;
}

const grouped = (shape: Shape, groups: number): Shape => {
  const [n, ...rest] = shape;
  return [n!, groups, sizeOf(rest) / groups];
};

const perChannel = (v: Value, rank: number): Value =>
  reshape(v, [1, v.shape[0]!, ...Array.from({ length: rank - 2 }, () => 1)]);

const GroupNorm: Op<Groups> = {
  name: 'GroupNorm',
  infer([x, weight], { groups }) {
    const c = fixed(x!.shape[1]);
    if (c % groups !== 0 || weight!.shape[0] !== c) {
      throw new ShapeError(
        `GroupNorm: ${show(x!.shape)} with weight ${show(weight!.shape)} in ${groups} groups`,
      );
    }
    const statistics = { dtype: x!.dtype, shape: [x!.shape[0]!, groups, 1] };
    return [x!, statistics, statistics];
  },
  /**
   * A LayerNormalization of [N, groups, rest] and an affine map: ONNX's own GroupNormalization has no CPU kernel,
   * and InstanceNormalization runs on one thread.
   */
  lower(emit, [x, weight, bias], outputs, { inputs: [value], attrs: { groups, epsilon } }) {
    const shape = grouped(value!.shape, groups);
    const flat = emit.node('Reshape', [x!, emit.shape(shape)]);
    const [y, ...statistics] = outputs;
    const xhat = emit.node(
      'LayerNormalization',
      [flat, emit.ones(fixed(shape[2]))],
      { axis: -1, epsilon: { float: epsilon } },
      [`${y}.normalized`, ...statistics],
    );
    const back = emit.node('Reshape', [xhat, emit.shape(value!.shape)]);
    const wide = emit.ints([1, fixed(value!.shape[1]), ...value!.shape.slice(2).map(() => 1)]);
    const scaled = emit.node('Mul', [back, emit.node('Reshape', [weight!, wide])]);
    emit.node('Add', [scaled, emit.node('Reshape', [bias!, wide])], {}, [y!]);
  },
  gradient({ inputs: [x, weight, bias], outputs: [, mean, inverseStd], attrs: { groups } }, [dy], wants) {
    const shape = grouped(x!.shape, groups);
    const rank = x!.shape.length;
    const xhat = mul(sub(reshape(x!, shape), mean!), inverseStd!);
    const others = x!.shape.map((_, i) => i).filter((i) => i !== 1);
    const dxhat = () => reshape(mul(dy!, perChannel(weight!, rank)), shape);
    return [
      wants[0] ? reshape(normalizedGradient(dxhat(), xhat, inverseStd!), x!.shape) : undefined,
      wants[1] ? reduceSum(mul(dy!, reshape(xhat, x!.shape)), others) : undefined,
      ...(bias ? [wants[2] ? reduceSum(dy!, others) : undefined] : []),
    ];
  },
};

/** Group normalisation (Wu & He 2018): x [N, C, ...], weight and bias [C]. */
export const groupNorm = (x: Value, groups: number, weight: Value, bias: Value, epsilon: number): Value =>
  apply(GroupNorm, [x, weight, bias], { groups, epsilon });
