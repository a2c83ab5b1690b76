import type { Graph, Value } from '../graph/graph.js';
import { add, div, exp, less, mul, neg, sqrt, sub, where } from '../graph/ops/index.js';

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** PyTorch's defaults, which D-Edit's code uses. */
export const ADAMW_DEFAULTS: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-2 };

/** The parts of one parameter's state, as names of graph inputs (and, for the next state, outputs). */
export const SLOTS = ['value', 'm', 'v', 'gradient'] as const;
export const slotName = (parameter: string, slot: (typeof SLOTS)[number]): string => `${slot}:${parameter}`;

/**
 * One micro-step of AdamW with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2) and gradient
 * accumulation, all as graph nodes: the gradient is added to its accumulator, and when input `apply` is 1 the mean
 * of `accumulation` gradients updates m, v and the parameter, and the accumulator starts again from zero.
 *
 * Graph inputs: `apply` (0 or 1), `update` (number of this update, from 1), `learning_rate`, scalars; m, v and
 * gradient of each parameter. Outputs: the next state, under the same names with a prime.
 */
export class AdamW {
  readonly #apply: Value;
  readonly #update: Value;
  readonly #rate: Value;

  constructor(
    private readonly graph: Graph,
    private readonly accumulation: number,
    private readonly options: AdamWOptions = ADAMW_DEFAULTS,
  ) {
    this.#apply = less(0.5, graph.input('apply', []));
    this.#update = graph.input('update', []);
    this.#rate = graph.input('learning_rate', []);
  }

  /** Adds the nodes for one parameter. */
  step(name: string, value: Value, gradient: Value): void {
    const { beta1, beta2, epsilon, weightDecay } = this.options;
    const state = (slot: 'm' | 'v' | 'gradient'): Value =>
      this.graph.input(slotName(name, slot), value.shape);
    const next = (slot: (typeof SLOTS)[number], v: Value): void =>
      this.graph.output(`${slotName(name, slot)}'`, v);

    const [m, v, sum] = [state('m'), state('v'), add(state('gradient'), gradient)];
    const g = div(sum, this.accumulation);
    const m1 = add(mul(m, beta1), mul(g, 1 - beta1));
    const v1 = add(mul(v, beta2), mul(mul(g, g), 1 - beta2));
    const decayed = sub(value, mul(value, mul(this.#rate, weightDecay)));
    const direction = div(
      div(m1, this.#correction(beta1)),
      add(sqrt(div(v1, this.#correction(beta2))), epsilon),
    );
    next('value', where(this.#apply, sub(decayed, mul(direction, this.#rate)), value));
    next('m', where(this.#apply, m1, m));
    next('v', where(this.#apply, v1, v));
    next('gradient', where(this.#apply, 0, sum));
  }

  /** 1 − βᵗ */
  #correction(beta: number): Value {
    return add(neg(exp(mul(this.#update, Math.log(beta)))), 1);
  }
}
