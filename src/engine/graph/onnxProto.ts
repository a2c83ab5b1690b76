/**
 * The part of ONNX's file format that graphs here use, written directly: its messages and field numbers
 * (github.com/onnx/onnx, onnx/onnx.proto) in the encoding of Protocol Buffers
 * (protobuf.dev/programming-guides/encoding).
 */

export interface ModelProto {
  readonly irVersion: number;
  readonly producerName: string;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly graph: GraphProto;
}

export interface GraphProto {
  readonly name: string;
  readonly node: readonly NodeProto[];
  readonly initializer: readonly TensorProto[];
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
}

export interface NodeProto {
  readonly opType: string;
  readonly domain: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly AttributeProto[];
}

export interface AttributeProto {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly g?: GraphProto;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
}

export interface TensorProto {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly rawData?: Uint8Array;
  readonly externalData?: readonly { readonly key: string; readonly value: string }[];
  readonly dataLocation?: number;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: {
        readonly dim: readonly ({ readonly dimValue: number } | { readonly dimParam: string })[];
      };
    };
  };
}

export const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, GRAPH: 5, FLOATS: 6, INTS: 7 } as const;
export const DataType = { FLOAT: 1, INT32: 6, INT64: 7, BOOL: 9, FLOAT16: 10 } as const;
export const EXTERNAL = 1;

/** How a field is written: numbers, one after the other (packed), bytes or text, or a message of its own. */
type Kind = 'int' | 'ints' | 'float' | 'floats' | 'bytes' | (() => Message);
type Message = Readonly<Record<string, readonly [field: number, kind: Kind]>>;

const ENTRY: Message = { key: [1, 'bytes'], value: [2, 'bytes'] };
const TENSOR: Message = {
  dims: [1, 'ints'],
  dataType: [2, 'int'],
  name: [8, 'bytes'],
  rawData: [9, 'bytes'],
  externalData: [13, () => ENTRY],
  dataLocation: [14, 'int'],
};
const ATTRIBUTE: Message = {
  name: [1, 'bytes'],
  f: [2, 'float'],
  i: [3, 'int'],
  s: [4, 'bytes'],
  g: [6, () => GRAPH],
  floats: [7, 'floats'],
  ints: [8, 'ints'],
  type: [20, 'int'],
};
const NODE: Message = {
  input: [1, 'bytes'],
  output: [2, 'bytes'],
  opType: [4, 'bytes'],
  attribute: [5, () => ATTRIBUTE],
  domain: [7, 'bytes'],
};
const DIMENSION: Message = { dimValue: [1, 'int'], dimParam: [2, 'bytes'] };
const SHAPE: Message = { dim: [1, () => DIMENSION] };
const TENSOR_TYPE: Message = { elemType: [1, 'int'], shape: [2, () => SHAPE] };
const TYPE: Message = { tensorType: [1, () => TENSOR_TYPE] };
const VALUE: Message = { name: [1, 'bytes'], type: [2, () => TYPE] };
const GRAPH: Message = {
  node: [1, () => NODE],
  name: [2, 'bytes'],
  initializer: [5, () => TENSOR],
  input: [11, () => VALUE],
  output: [12, () => VALUE],
};
const OPSET: Message = { domain: [1, 'bytes'], version: [2, 'int'] };
const MODEL: Message = {
  irVersion: [1, 'int'],
  producerName: [2, 'bytes'],
  graph: [7, () => GRAPH],
  opsetImport: [8, () => OPSET],
};

const [VARINT, LENGTH, FIXED32] = [0, 2, 5];

/** The bytes of an .onnx file. */
export function encodeModel(model: ModelProto): Uint8Array {
  const parts: Uint8Array[] = [];
  write(parts, MODEL, model as unknown as Record<string, unknown>);
  return Buffer.concat(parts);
}

/** Appends a message's fields. @returns how many bytes they are */
function write(parts: Uint8Array[], message: Message, value: Record<string, unknown>): number {
  let length = 0;
  const push = (bytes: Uint8Array): void => {
    parts.push(bytes);
    length += bytes.length;
  };
  for (const [name, [field, kind]] of Object.entries(message)) {
    const found = value[name];
    if (found === undefined) continue;
    if (kind === 'int') push(Buffer.concat([varint(field * 8 + VARINT), varint(found as number)]));
    else if (kind === 'float') push(Buffer.concat([varint(field * 8 + FIXED32), floats([found as number])]));
    else {
      const all = kind === 'ints' || kind === 'floats' || !Array.isArray(found) ? [found] : found;
      for (const one of all) {
        const inner: Uint8Array[] = [];
        const size = body(inner, kind, one);
        push(Buffer.concat([varint(field * 8 + LENGTH), varint(size)]));
        for (const part of inner) push(part);
      }
    }
  }
  return length;
}

/** Appends what follows a length. */
function body(parts: Uint8Array[], kind: Kind, value: unknown): number {
  if (typeof kind === 'function') return write(parts, kind(), value as Record<string, unknown>);
  const bytes =
    kind === 'ints'
      ? Buffer.concat((value as readonly number[]).map(varint))
      : kind === 'floats'
        ? floats(value as readonly number[])
        : typeof value === 'string'
          ? Buffer.from(value)
          : (value as Uint8Array);
  parts.push(bytes);
  return bytes.length;
}

/** Seven bits a byte, the lowest first; negative numbers as 64-bit two's complement. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** Little-endian on every machine that onnxruntime runs on. */
const floats = (values: readonly number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);
