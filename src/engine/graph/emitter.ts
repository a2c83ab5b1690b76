import {
  type AttributeProto,
  AttributeType,
  DataType,
  EXTERNAL,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './onnxProto.js';
import { floatsToHalves } from '../halves.js';
import type { DType, Shape, TensorSource } from './types.js';

/** The domain of ONNX Runtime's own kernels. */
export const MICROSOFT = 'com.microsoft';

export const DATA_TYPE: Record<DType, number> = {
  float32: DataType.FLOAT,
  float16: DataType.FLOAT16,
  int32: DataType.INT32,
  int64: DataType.INT64,
  bool: DataType.BOOL,
};

export type Attribute =
  number | readonly number[] | { float: number } | { dtype: DType } | { graph: GraphProto } | string;

/** Float types that a constant of the emitter's own may have. */
type Float = 'float32' | 'float16';

/** What halves are called beside their float32 values. */
export const halvesOf = (name: string): string => `${name}.halves`;

/** Collects ONNX nodes while ops lower themselves. */
export class Emitter {
  /** Of the graph, or of the body of a loop while that is emitted. */
  nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  #count = 0;
  #shapes = new Map<string, string>();
  #floats = new Map<string, string>();

  /** @param halves the type that halves have in the file: float32 where nodes round them (see toOnnx) */
  constructor(private readonly halves: Float = 'float16') {}

  /** One node; returns the names of its outputs (made up unless given). */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    outputs: readonly string[] = [this.#name()],
    domain = '',
  ): string {
    this.nodes.push({
      opType,
      domain,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, this.#typed(value))),
    });
    return outputs[0]!;
  }

  /** A kernel of ONNX Runtime's own domain. */
  fused(
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute>,
    outputs: readonly string[],
  ): string {
    return this.node(opType, inputs, attributes, outputs, MICROSOFT);
  }

  /**
   * A Loop that carries nothing from one iteration to the next: what its body makes of their number is stacked.
   * @param stacked the outputs, float32, and their shapes in one iteration
   * @param body emits its nodes, which know everything around them, and names its outputs
   */
  loop(
    count: number,
    stacked: readonly { readonly name: string; readonly shape: Shape }[],
    body: (iteration: string) => readonly string[],
  ): void {
    const around = this.nodes;
    const [iteration, goesOn] = [this.#name(), this.#name()];
    this.nodes = [];
    const outputs = body(iteration);
    const still = this.node('Identity', [goesOn]);
    const graph: GraphProto = {
      name: 'body',
      node: this.nodes,
      initializer: [],
      input: [valueInfo(iteration, 'int64', []), valueInfo(goesOn, 'bool', [])],
      output: [
        valueInfo(still, 'bool', []),
        ...outputs.map((name, i) => valueInfo(name, 'float32', stacked[i]!.shape)),
      ],
    };
    this.nodes = around;
    const trips = this.node('Reshape', [this.ints([count]), this.ints([])]);
    this.node(
      'Loop',
      [trips, ''],
      { body: { graph } },
      stacked.map(({ name }) => name),
    );
  }

  /** A one-dimensional int64 tensor, made once: target shapes, axes, slice bounds. */
  ints(values: readonly number[]): string {
    const key = values.join(',');
    let name = this.#shapes.get(key);
    if (!name) {
      name = this.#name();
      const data = BigInt64Array.from(values, BigInt);
      this.initializers.push(tensorProto(name, 'int64', [values.length], { kind: 'inline', data }));
      this.#shapes.set(key, name);
    }
    return name;
  }

  /** A scalar, made once. */
  float(value: number, dtype: DType = 'float32'): string {
    return this.#constant(`${value}`, [], Float32Array.of(value), dtype);
  }

  /** A vector of ones. */
  ones(length: number, dtype: DType = 'float32'): string {
    return this.#constant(`ones ${length}`, [length], new Float32Array(length).fill(1), dtype);
  }

  /** The same value as another type. */
  cast(value: string, from: DType, to: DType): string {
    return this.typeOf(from) === this.typeOf(to) ? value : this.node('Cast', [value], { to: { dtype: to } });
  }

  /** What was computed in float32 as the nearest half, which is float32 again. */
  round(exact: string, output: string): void {
    this.#cast(exact, 'float16', halvesOf(output));
    this.widen(output);
  }

  /** The halves of that name (see `halvesOf`) as float32. */
  widen(output: string): void {
    this.#cast(halvesOf(output), 'float32', output);
  }

  /** The type that a value has in the file. */
  typeOf(dtype: DType): DType {
    return dtype === 'float16' ? this.halves : dtype;
  }

  /** Reshape target: symbolic dimensions become -1, of which ONNX allows one. */
  shape(shape: Shape): string {
    return this.ints(shape.map((d) => (typeof d === 'number' ? d : -1)));
  }

  #cast(input: string, to: Float, output: string): void {
    const attribute = [attributeProto('to', { dtype: to })];
    this.nodes.push({ opType: 'Cast', domain: '', input: [input], output: [output], attribute });
  }

  #constant(what: string, shape: Shape, data: Float32Array, dtype: DType): string {
    const own = this.typeOf(dtype);
    const key = `${own} ${what}`;
    let name = this.#floats.get(key);
    if (!name) {
      name = this.#name();
      const source = { kind: 'inline', data: own === 'float16' ? floatsToHalves(data) : data } as const;
      this.initializers.push(tensorProto(name, own, shape, source));
      this.#floats.set(key, name);
    }
    return name;
  }

  #typed(value: Attribute): Attribute {
    return typeof value === 'object' && 'dtype' in value ? { dtype: this.typeOf(value.dtype) } : value;
  }

  #name(): string {
    this.#count += 1;
    return `t${this.#count}`;
  }
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string')
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ('graph' in value) return { name, type: AttributeType.GRAPH, g: value.graph };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('dtype' in value) return { name, type: AttributeType.INT, i: DATA_TYPE[value.dtype] };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

export const valueInfo = (name: string, dtype: DType, shape: Shape): ValueInfoProto => ({
  name,
  type: {
    tensorType: {
      elemType: DATA_TYPE[dtype],
      shape: { dim: shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) },
    },
  },
});

export function tensorProto(name: string, dtype: DType, shape: Shape, source: TensorSource): TensorProto {
  const dims = shape.map(Number);
  const head = { name, dims, dataType: DATA_TYPE[dtype] };
  if (source.kind === 'inline') {
    const { buffer, byteOffset, byteLength } = source.data;
    return { ...head, rawData: new Uint8Array(buffer, byteOffset, byteLength) };
  }
  return {
    ...head,
    dataLocation: EXTERNAL,
    externalData: [
      { key: 'location', value: source.location },
      { key: 'offset', value: String(source.offset) },
      { key: 'length', value: String(source.length) },
    ],
  };
}
