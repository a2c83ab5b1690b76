import type { WeightSource } from '../checkpoint/source.js';
import type { Graph, Value } from '../graph/graph.js';
import type { ConvAttrs } from '../graph/ops/conv.js';
import { add, conv2d, groupNorm, layerNorm, linear, mul } from '../graph/ops/index.js';
import type { GroupNormOptions } from '../graph/ops/norm.js';
import type { LowRank } from './lowRank.js';

/** What fine-tuning puts in the place of, or on top of, a checkpoint's weights. */
export interface Overrides {
  /** By parameter name, '.weight' included. */
  readonly weights?: ReadonlyMap<string, Value>;
  /** By layer name, as 'down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_q'. */
  readonly lora?: ReadonlyMap<string, LowRank>;
}

/** Builds a component's model, which computes in what its weights are. */
export const withParameters = <T>(
  graph: Graph,
  source: WeightSource,
  build: (p: Parameters) => T,
  overrides?: Overrides,
): T => graph.within(source.precision, () => build(new Parameters(graph, source, overrides)));

/** A component's parameters under one prefix, made into graph values on first use. */
export class Parameters {
  constructor(
    readonly graph: Graph,
    private readonly source: WeightSource,
    private readonly overrides: Overrides = {},
    private readonly prefix = '',
    private readonly made = new Map<string, Value>(),
  ) {}

  /** The parameters one level further down. */
  at(name: string): Parameters {
    return new Parameters(this.graph, this.source, this.overrides, this.#full(name), this.made);
  }

  has(name: string): boolean {
    return this.source.has(this.#full(name));
  }

  get(name: string, shape?: readonly number[]): Value {
    const full = this.#full(name);
    let value = this.overrides.weights?.get(full) ?? this.made.get(full);
    if (!value) {
      const slice = this.source.get(full, shape);
      const dtype = this.source.precision === 'half' ? 'float16' : 'float32';
      value = this.graph.external(`${this.source.component}/${full}`, slice.shape, slice, dtype);
      this.made.set(full, value);
    }
    return value;
  }

  /** torch.nn.Linear with the weights under `name`, plus its low-rank update when there is one. */
  linear(name: string, x: Value, width: number): Value {
    const weight = this.get(`${name}.weight`, [width, x.shape.at(-1) as number]);
    const y = linear(x, weight, this.#bias(name, width));
    const lora = this.overrides.lora?.get(this.#full(name));
    return lora ? add(y, mul(linear(linear(x, lora.a), lora.b), lora.scale)) : y;
  }

  /** torch.nn.Conv2d of a square kernel. */
  conv2d(name: string, x: Value, width: number, kernel: number, attrs: Partial<ConvAttrs> = {}): Value {
    const weight = this.get(`${name}.weight`, [width, x.shape[1] as number, kernel, kernel]);
    return conv2d(x, weight, this.#bias(name, width), attrs);
  }

  /** torch.nn.GroupNorm, with SiLU behind it where `how` says so. */
  groupNorm(name: string, x: Value, how: GroupNormOptions): Value {
    const width = [x.shape[1] as number];
    return groupNorm(x, this.get(`${name}.weight`, width), this.get(`${name}.bias`, width), how);
  }

  layerNorm(name: string, x: Value, epsilon: number): Value {
    const width = [x.shape.at(-1) as number];
    return layerNorm(x, this.get(`${name}.weight`, width), this.get(`${name}.bias`, width), epsilon);
  }

  #bias(name: string, width: number): Value | undefined {
    return this.has(`${name}.bias`) ? this.get(`${name}.bias`, [width]) : undefined;
  }

  #full(name: string): string {
    return this.prefix ? `${this.prefix}.${name}` : name;
  }
}
