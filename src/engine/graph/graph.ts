import { floatsToHalves, type Precision } from '../halves.js';
import { castTo, isFloat } from './autocast.js';
import type { Emitter } from './emitter.js';
import { type DType, type Shape, ShapeError, show, sizeOf, type TensorSource, type Type } from './types.js';

/** One value in the graph: an input, an initializer, or an output of a node. */
export class Value implements Type {
  constructor(
    readonly graph: Graph,
    readonly name: string,
    readonly dtype: DType,
    readonly shape: Shape,
    readonly node?: Node,
  ) {}
}

export interface Node<A = unknown> {
  readonly op: Op<A>;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attrs: A;
  /** The stretch it belongs to, when the graph recomputes (see `segment`). */
  readonly segment?: number | undefined;
  /** Of the stretch it was built in (see `within`): its gradient is computed in the same. */
  readonly precision: Precision;
}

/**
 * One op, one place: its shape rule, the ONNX nodes it becomes and its gradient rule, all keyed by nothing but
 * this object. A missing gradient rule means the op has no useful derivative.
 */
export interface Op<A = unknown> {
  readonly name: string;
  /** Types of the outputs; throws ShapeError naming the op and the shapes. */
  infer(inputs: readonly Value[], attrs: A): Type[];
  /** Emits standard ONNX nodes (or, for inference, a fused kernel) from input names to output names. */
  lower(emit: Emitter, inputs: readonly string[], outputs: readonly string[], node: Node<A>): void;
  /** Bytes that its kernel works in beside inputs and outputs, where that is worth counting. */
  scratch?(node: Node<A>): number;
  /**
   * Cotangents of the inputs from those of the outputs. `dy[k]` is undefined when output k does not matter;
   * `wants[i]` says whether input i's cotangent is needed: nothing is built that nobody asked for.
   */
  gradient?(
    node: Node<A>,
    dy: readonly (Value | undefined)[],
    wants: readonly boolean[],
  ): (Value | undefined)[];
}

export interface GraphOptions {
  /**
   * Whether it is for a processor: what is worked on in pieces that its caches hold, and in which form a convolution is
   * fastest, is of no use to a GPU, and WebGPU has no Loop.
   */
  readonly onCpu?: boolean;
  /** Whether attention becomes ONNX Runtime's own kernel, or plain nodes for a device where that one is wrong. */
  readonly fusedAttention?: boolean;
  /**
   * How many scores a block of queries has where attention goes in blocks: over batch and heads, or of one head where it goes
   * head by head.
   */
  readonly attentionBlock?: number;
  /** Whether `segment` keeps only what goes into it, and the backward pass computes the rest once more. */
  readonly recompute?: boolean;
}

/** 4 MiB in float32, of which a processor's caches hold a few, and 32 MiB, which GPUs' buffers bear. */
const ATTENTION_BLOCK = { onCpu: 2 ** 20, onGpu: 2 ** 23 };

/** The one op that a graph adds by itself (see `within`). */
const Cast: Op<{ readonly to: DType }> = {
  name: 'Cast',
  infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  lower: (emit, inputs, outputs, { attrs }) =>
    void emit.node('Cast', inputs, { to: { dtype: attrs.to } }, outputs),
  gradient: ({ inputs: [x] }, [dy]) => [isFloat(x!.dtype) ? dy!.graph.cast(dy!, x!.dtype) : undefined],
};

/** Types of constants, by the arrays that hold them. */
const CONSTANTS = [
  [Float32Array, 'float32'],
  [Uint16Array, 'float16'],
  [Int32Array, 'int32'],
  [BigInt64Array, 'int64'],
] as const;

const SCALARS = {
  float32: (x: number) => Float32Array.of(x),
  float16: (x: number) => floatsToHalves(Float32Array.of(x)),
  int32: (x: number) => Int32Array.of(x),
  int64: (x: number) => BigInt64Array.of(BigInt(x)),
};

/** A typed dataflow graph under construction; values come out in an order that is already topological. */
export class Graph {
  readonly nodes: Node[] = [];
  readonly inputs: Value[] = [];
  readonly outputs = new Map<string, Value>();
  readonly initializers = new Map<Value, TensorSource>();
  readonly onCpu: boolean;
  readonly fusedAttention: boolean;
  readonly attentionBlock: number;
  readonly recompute: boolean;
  /** ONNX Runtime takes the last of two initializers of one name, with a warning nobody sees. */
  readonly #taken = new Set<string>();
  #names = 0;
  #segments = 0;
  #segment: number | undefined;
  #precision: Precision = 'full';
  /** What was cast last, and in which segment: a value that many ops take is cast once. */
  #casts = new Map<Value, { cast: Value; segment: number | undefined }>();
  #scalars = new Map<string, Value>();

  constructor(options: GraphOptions = {}) {
    this.onCpu = options.onCpu ?? true;
    this.fusedAttention = options.fusedAttention ?? true;
    this.attentionBlock = options.attentionBlock ?? ATTENTION_BLOCK[this.onCpu ? 'onCpu' : 'onGpu'];
    this.recompute = options.recompute ?? false;
  }

  input(name: string, shape: Shape, dtype: DType = 'float32'): Value {
    this.#take('input', name);
    const value = new Value(this, name, dtype, shape);
    this.inputs.push(value);
    return value;
  }

  /** Halves come out as float32: nobody outside needs to know what a graph computes in. */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) throw new ShapeError(`output '${name}' is there twice`);
    this.outputs.set(name, value.dtype === 'float16' ? this.cast(value, 'float32') : value);
  }

  /** A weight that stays in its file: ONNX Runtime maps `length` bytes from `offset`. */
  external(
    name: string,
    shape: Shape,
    source: { location: string; offset: number; length: number },
    dtype: DType = 'float32',
  ): Value {
    return this.#initializer(name, dtype, shape, { kind: 'external', ...source });
  }

  /** A small tensor stored in the graph itself. */
  constant(data: Float32Array | Uint16Array | Int32Array | BigInt64Array, shape: Shape): Value {
    if (sizeOf(shape) !== data.length) {
      throw new ShapeError(`constant: ${data.length} elements do not fill ${show(shape)}`);
    }
    const dtype = CONSTANTS.find(([kind]) => data instanceof kind)![1];
    return this.#initializer(this.#fresh('const'), dtype, shape, { kind: 'inline', data });
  }

  /** A scalar, made once a graph. */
  scalar(x: number, dtype: Exclude<DType, 'bool'> = 'float32'): Value {
    const key = `${dtype}:${x}`;
    const known = this.#scalars.get(key);
    if (known) return known;
    const value = this.constant(SCALARS[dtype](x), []);
    this.#scalars.set(key, value);
    return value;
  }

  /** The same value as another type. */
  cast(value: Value, to: DType): Value {
    return value.dtype === to ? value : this.apply(Cast, [value], { to })[0]!;
  }

  apply<A>(op: Op<A>, inputs: readonly Value[], attrs: A): Value[] {
    for (const v of inputs) {
      if (v.graph !== this) throw new ShapeError(`${op.name}: '${v.name}' belongs to another graph`);
    }
    const type = castTo(
      op.name,
      this.#precision,
      inputs.map((v) => v.dtype),
    );
    const given = type ? inputs.map((v) => (isFloat(v.dtype) ? this.#as(v, type) : v)) : inputs;
    const outputs: Value[] = [];
    const [segment, precision] = [this.#segment, this.#precision];
    const node: Node<A> = { op, inputs: given, outputs, attrs, segment, precision };
    for (const type of op.infer(given, attrs)) {
      outputs.push(new Value(this, this.#fresh(op.name), type.dtype, type.shape, node as Node));
    }
    this.nodes.push(node as Node);
    return outputs;
  }

  /**
   * Builds a stretch of the graph of which, where `recompute` is set, the backward pass keeps nothing but what goes in
   * (activation checkpointing, arXiv 1604.06174). Within another segment it belongs to that one.
   */
  segment<T>(build: () => T): T {
    if (!this.recompute || this.#segment !== undefined) return build();
    this.#segment = ++this.#segments;
    try {
      return build();
    } finally {
      this.#segment = undefined;
    }
  }

  /** Builds a stretch of the graph in a precision: which ops are in halves is said in autocast.ts. It is 'full' elsewhere. */
  within<T>(precision: Precision, build: () => T): T {
    const around = this.#precision;
    this.#precision = precision;
    try {
      return build();
    } finally {
      this.#precision = around;
    }
  }

  #as(value: Value, dtype: DType): Value {
    if (value.dtype === dtype) return value;
    const known = this.#casts.get(value);
    if (known?.cast.dtype === dtype && known.segment === this.#segment) return known.cast;
    const made = { cast: this.cast(value, dtype), segment: this.#segment };
    this.#casts.set(value, made);
    return made.cast;
  }

  #initializer(name: string, dtype: DType, shape: Shape, source: TensorSource): Value {
    this.#take('initializer', name);
    const value = new Value(this, name, dtype, shape);
    this.initializers.set(value, source);
    return value;
  }

  /** @throws ShapeError when an input or initializer of that name is there already */
  #take(kind: string, name: string): void {
    if (this.#taken.has(name)) throw new ShapeError(`${kind} '${name}' is there twice`);
    this.#taken.add(name);
  }

  #fresh(hint: string): string {
    this.#names += 1;
    return `${hint}_${this.#names}`;
  }
}

/** Applies an op with one output. */
export function apply<A>(op: Op<A>, inputs: readonly Value[], attrs: A): Value {
  return inputs[0]!.graph.apply(op, inputs, attrs)[0]!;
}
