import type { Emitter } from '../emitter.js';
import { apply, type Node, type Op, type Value } from '../graph.js';
import { fixed, type Shape, ShapeError, show, sizeOf } from '../types.js';
import { reduceSum } from './broadcast.js';
import { lowerSilu, siluSlope } from './activations.js';
import { add, mul, sub } from './elementwise.js';
import { reduceMean } from './reduce.js';
import { reshape } from './reshape.js';

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
    const statistics = { dtype: 'float32', shape: [...x!.shape.slice(0, -1), 1] } as const;
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
  /** Whether SiLU follows: its gradient makes what went into it again from x, which is kept anyway. */
  readonly silu: boolean;
}

const grouped = (shape: Shape, groups: number): Shape => {
  const [n, ...rest] = shape;
  return [n!, groups, sizeOf(rest) / groups];
};

/** Sums in float32 of more elements than this lose what a picture's encoding needs: 1.5e-4 over a million. */
const LONG_SUM = 2 ** 16;
/** As long a row as still sums well. */
const CHUNK = 2 ** 13;

/** The largest divisor of `size` up to `limit`. */
function divisor(size: number, limit: number): number {
  let best = 1;
  for (let d = 1; d <= Math.min(limit, size); d++) if (size % d === 0) best = d;
  return best;
}

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
    const statistics = { dtype: 'float32', shape: [x!.shape[0]!, groups, 1] } as const;
    return [x!, statistics, statistics];
  },
  lower(emit, inputs, [out, ...statistics], node) {
    const { groups, silu } = node.attrs;
    const [, , rest] = grouped(node.inputs[0]!.shape, groups);
    const lowered = fixed(rest) > LONG_SUM ? lowerInChunks : lowerAtOnce;
    const y = silu ? `${out}.normal` : out!;
    lowered(emit, inputs, [y, ...statistics], node);
    if (silu) lowerSilu(emit, y, [out!]);
  },
  scratch: ({ inputs: [x], attrs: { silu } }) => (silu ? 4 * sizeOf(x!.shape) : 0),
  gradient(
    { inputs: [x, weight, bias], outputs: [, mean, inverseStd], attrs: { groups, silu } },
    [dy],
    wants,
  ) {
    const shape = grouped(x!.shape, groups);
    const [w, b] = [weight!, bias!].map((v) => perChannel(v, x!.shape.length));
    const xhat = mul(sub(reshape(x!, shape), mean!), inverseStd!);
    const normal = reshape(xhat, x!.shape);
    const d = silu ? mul(dy!, siluSlope(add(mul(normal, w!), b!))) : dy!;
    const others = x!.shape.map((_, i) => i).filter((i) => i !== 1);
    const dxhat = () => reshape(mul(d, w!), shape);
    return [
      wants[0] ? reshape(normalizedGradient(dxhat(), xhat, inverseStd!), x!.shape) : undefined,
      wants[1] ? reduceSum(mul(d, normal), others) : undefined,
      wants[2] ? reduceSum(d, others) : undefined,
    ];
  },
};

/**
 * A LayerNormalization of [N, groups, rest] and an affine map: ONNX's own GroupNormalization has no CPU kernel,
 * and InstanceNormalization runs on one thread.
 */
function lowerAtOnce(
  emit: Emitter,
  [x, weight, bias]: readonly string[],
  [y, ...statistics]: readonly string[],
  { inputs: [value], attrs: { groups, epsilon } }: Node<Groups>,
): void {
  const shape = grouped(value!.shape, groups);
  const flat = emit.node('Reshape', [x!, emit.shape(shape)]);
  const xhat = emit.node(
    'LayerNormalization',
    [flat, emit.ones(fixed(shape[2]), value!.dtype)],
    { axis: -1, epsilon: { float: epsilon } },
    [`${y}.normalized`, ...statistics],
  );
  const back = emit.node('Reshape', [xhat, emit.shape(value!.shape)]);
  const wide = emit.ints([1, fixed(value!.shape[1]), ...value!.shape.slice(2).map(() => 1)]);
  const scaled = emit.node('Mul', [back, emit.node('Reshape', [weight!, wide])]);
  emit.node('Add', [scaled, emit.node('Reshape', [bias!, wide])], {}, [y!]);
}

/**
 * Group norm over many elements: the statistics of chunks, joined as Chan et al. 1979 do,
 *
 *     μ = mean(μ_c)   σ² = mean(σ_c² + (μ_c − μ)²)
 *
 * and y = x·(w/σ) + (b − μ·w/σ). A chunk's statistics are a by-product of its LayerNormalization.
 */
function lowerInChunks(
  emit: Emitter,
  [x, weight, bias]: readonly string[],
  [y, meanName, inverseName]: readonly string[],
  { inputs: [value], attrs: { groups, epsilon } }: Node<Groups>,
): void {
  const [n, , rest] = grouped(value!.shape, groups) as [number, number, number];
  const { dtype } = value!;
  const c = fixed(value!.shape[1]);
  const chunk = divisor(rest, CHUNK);
  const reshaped = (v: string, shape: readonly number[]): string =>
    emit.node('Reshape', [v, emit.ints(shape)]);
  const mean = (v: string, outputs?: readonly string[]): string =>
    emit.node('ReduceMean', [v, emit.ints([2])], { keepdims: 1 }, outputs);
  const named = (name: string | undefined): readonly string[] | undefined => (name ? [name] : undefined);

  const [means, inverses] = [`${y}.means`, `${y}.inverses`];
  emit.node(
    'LayerNormalization',
    [reshaped(x!, [n, groups, rest / chunk, chunk]), emit.ones(chunk, dtype)],
    { axis: -1, epsilon: { float: epsilon } },
    [`${y}.chunks`, means, inverses],
  );
  const perGroup = [n, groups, rest / chunk];
  const chunkMeans = reshaped(means, perGroup);
  const mu = mean(chunkMeans, named(meanName));
  const off = emit.node('Sub', [chunkMeans, mu]);
  // 1/r² is σ_c² + ε: ε is in the joined variance once, as it should be
  const own = emit.node('Reciprocal', [reshaped(inverses, perGroup)]);
  const squares = [emit.node('Mul', [own, own]), emit.node('Mul', [off, off])];
  const deviation = emit.node('Sqrt', [mean(emit.node('Add', squares))]);
  const inverse = emit.node('Reciprocal', [deviation], {}, named(inverseName));

  const columns = [1, groups, c / groups];
  const full = (v: string): string => emit.cast(v, dtype, 'float32');
  const scale = emit.node('Mul', [full(reshaped(weight!, columns)), inverse]);
  const shift = emit.node('Sub', [full(reshaped(bias!, columns)), emit.node('Mul', [scale, mu])]);
  const wide = [n, c, ...value!.shape.slice(2).map(() => 1)];
  const spread = (v: string): string => emit.cast(reshaped(v, wide), 'float32', dtype);
  emit.node('Add', [emit.node('Mul', [x!, spread(scale)]), spread(shift)], {}, [y!]);
}

export type GroupNormOptions = Omit<Groups, 'silu'> & Partial<Groups>;

/** Group normalisation (Wu & He 2018): x [N, C, ...], weight and bias [C]; with `silu` that of the result. */
export const groupNorm = (
  x: Value,
  weight: Value,
  bias: Value,
  { silu = false, ...how }: GroupNormOptions,
): Value => apply(GroupNorm, [x, weight, bias], { silu, ...how });
