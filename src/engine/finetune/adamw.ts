import type { Value } from '../graph/graph.js';
import { add, div, exp, mul, neg, sqrt, sub } from '../graph/ops/index.js';
import type { Tensor } from '../runtime/session.js';

/** Tensors by parameter name. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** AdamW's running means of the gradient and of its square. */
export interface Moments {
  readonly m: Tensors;
  readonly v: Tensors;
}

/** One parameter as an update sees it. */
export interface Slots<T> {
  readonly value: T;
  readonly m: T;
  readonly v: T;
}

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** PyTorch's defaults, which D-Edit's code uses. */
export const ADAMW_DEFAULTS: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-2 };

/**
 * One update of AdamW with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2) over all parameters, as graph
 * nodes. A function of values alone: clipping by a global norm would be a function of `gradients` before it.
 * @param step its number from 1 and the learning rate, scalars
 */
export function updateAdamW(
  parameters: ReadonlyMap<string, Slots<Value>>,
  gradients: ReadonlyMap<string, Value>,
  step: { readonly update: Value; readonly learningRate: Value },
  options: AdamWOptions = ADAMW_DEFAULTS,
): Map<string, Slots<Value>> {
  const { beta1, beta2, epsilon, weightDecay } = options;
  // 1 − βᵗ
  const correction = (beta: number): Value => add(neg(exp(mul(step.update, Math.log(beta)))), 1);
  // lr·(m/c₁) / (√(v/c₂) + ε) with what is one number an update gathered: rate·m / (√v + floor)
  const scale = sqrt(correction(beta2));
  const rate = div(mul(step.learningRate, scale), correction(beta1));
  const floor = mul(scale, epsilon);
  const kept = add(neg(mul(step.learningRate, weightDecay)), 1);
  return new Map(
    [...parameters].map(([name, slots]) => {
      const gradient = gradients.get(name)!;
      const m = add(mul(slots.m, beta1), mul(gradient, 1 - beta1));
      const v = add(mul(slots.v, beta2), mul(mul(gradient, gradient), 1 - beta2));
      const change = div(mul(m, rate), add(sqrt(v), floor));
      return [name, { value: sub(mul(slots.value, kept), change), m, v }];
    }),
  );
}
