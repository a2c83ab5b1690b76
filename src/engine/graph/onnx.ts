import proto, { type onnx } from 'onnx-proto';
import type { Graph, TensorSource, Value } from './graph.js';
import type { DType, Shape } from './types.js';

const { AttributeProto, ModelProto, TensorProto } = proto.onnx;

/**
 * Opset 20: the newest that onnxruntime's CPU, CUDA and WebGPU kernels all match as long as no Pad node is used
 * (a kernel registered for version N does not match a newer schema of the op).
 */
const OPSET = 20;
const MICROSOFT = 'com.microsoft';

const DATA_TYPE: Record<DType, onnx.TensorProto.DataType> = {
  float32: TensorProto.DataType.FLOAT,
  float16: TensorProto.DataType.FLOAT16,
  int32: TensorProto.DataType.INT32,
  int64: TensorProto.DataType.INT64,
  bool: TensorProto.DataType.BOOL,
};

export type Attribute = number | readonly number[] | { float: number } | { dtype: DType } | string;

/** Collects ONNX nodes while ops lower themselves. */
export class Emitter {
  readonly nodes: onnx.INodeProto[] = [];
  readonly initializers: onnx.ITensorProto[] = [];
  #count = 0;
  #shapes = new Map<string, string>();
  #ones = new Map<number, string>();

  /** One node; returns the names of its outputs (made up unless given). */
  node(
    opType: string,
    inputs: readonly string[],
    attributes: Record<string, Attribute> = {},
    outputs: readonly string[] | number = 1,
    domain = '',
  ): string {
    const names = typeof outputs === 'number' ? Array.from({ length: outputs }, () => this.#name()) : outputs;
    this.nodes.push({
      opType,
      domain,
      input: [...inputs],
      output: [...names],
      attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
    });
    return names[0]!;
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

/** ONNX's number of a dtype, for Cast. */
export const dataType = (dtype: DType): number => DATA_TYPE[dtype];

/** Serialises the graph: only the nodes that its outputs depend on. */
export function toOnnx(graph: Graph): Uint8Array {
  const emit = new Emitter();
  const needed = liveValues(graph);
  for (const node of graph.nodes) {
    if (!node.outputs.some((v) => needed.has(v))) continue;
    const outputs = node.outputs.map((v, i) => (i === 0 || needed.has(v) ? v.name : ''));
    while (outputs.length > 1 && outputs.at(-1) === '') outputs.pop();
    node.op.lower(
      emit,
      node.inputs.map((v) => v.name),
      outputs,
      node,
    );
  }
  for (const [name, value] of graph.outputs) emit.node('Identity', [value.name], {}, [name]);

  const model = ModelProto.create({
    irVersion: 9,
    producerName: 'dedit',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: MICROSOFT, version: 1 },
    ],
    graph: {
      name: 'dedit',
      node: emit.nodes,
      initializer: [
        ...[...graph.initializers]
          .filter(([value]) => needed.has(value))
          .map(([value, source]) => tensorProto(value.name, value.dtype, value.shape, source)),
        ...emit.initializers,
      ],
      input: graph.inputs.map((v) => valueInfo(v.name, v)),
      output: [...graph.outputs].map(([name, v]) => valueInfo(name, v)),
    },
  });
  return ModelProto.encode(model).finish();
}

/** Values that some output depends on. */
function liveValues(graph: Graph): Set<Value> {
  const live = new Set<Value>(graph.outputs.values());
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i]!;
    if (node.outputs.some((v) => live.has(v))) for (const v of node.inputs) live.add(v);
  }
  return live;
}

function attributeProto(name: string, value: Attribute): onnx.IAttributeProto {
  const { AttributeType } = AttributeProto;
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: value };
  if (typeof value === 'string')
    return { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) };
  if ('float' in value) return { name, type: AttributeType.FLOAT, f: value.float };
  if ('dtype' in value) return { name, type: AttributeType.INT, i: DATA_TYPE[value.dtype] };
  return { name, type: AttributeType.INTS, ints: [...value] };
}

function tensorProto(name: string, dtype: DType, shape: Shape, source: TensorSource): onnx.ITensorProto {
  const dims = shape.map(Number);
  const head = { name, dims, dataType: DATA_TYPE[dtype] };
  if (source.kind === 'inline') {
    const { buffer, byteOffset, byteLength } = source.data;
    return { ...head, rawData: new Uint8Array(buffer, byteOffset, byteLength) };
  }
  return {
    ...head,
    dataLocation: TensorProto.DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: source.location },
      { key: 'offset', value: String(source.offset) },
      { key: 'length', value: String(source.length) },
    ],
  };
}

function valueInfo(name: string, { dtype, shape }: { dtype: DType; shape: Shape }): onnx.IValueInfoProto {
  return {
    name,
    type: {
      tensorType: {
        elemType: DATA_TYPE[dtype],
        shape: { dim: shape.map((d) => (typeof d === 'number' ? { dimValue: d } : { dimParam: d })) },
      },
    },
  };
}
