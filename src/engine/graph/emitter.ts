import {
  type AttributeProto,
  AttributeType,
  DataType,
  EXTERNAL,
  type NodeProto,
  type TensorProto,
} from './onnxProto.js';
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

export type Attribute = number | readonly number[] | { float: number } | { dtype: DType } | string;

/** Collects ONNX nodes while ops lower themselves. */
export class Emitter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  #count = 0;
  #shapes = new Map<string, string>();
  #ones = new Map<number, string>();
  #floats = new Map<number, string>();

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
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
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

  /** A float32 scalar, made once. */
  float(value: number): string {
    let name = this.#floats.get(value);
    if (!name) {
      name = this.#name();
      const data = Float32Array.of(value);
      this.initializers.push(tensorProto(name, 'float32', [], { kind: 'inline', data }));
      this.#floats.set(value, name);
    }
    return name;
  }

  /** A vector of ones. */
  ones(length: number): string {
    let name = this.#ones.get(length);
    if (!name) {
      name = this.#name();
      const data = new Float32Array(length).fill(1);
      this.initializers.push(tensorProto(name, 'float32', [length], { kind: 'inline', data }));
      this.#ones.set(length, name);
    }
    return name;
  }

  /** Reshape target: symbolic dimensions become -1, of which ONNX allows one. */
  shape(shape: Shape): string {
    return this.ints(shape.map((d) => (typeof d === 'number' ? d : -1)));
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
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('dtype' in value) return { name, type: AttributeType.INT, i: DATA_TYPE[value.dtype] };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

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
