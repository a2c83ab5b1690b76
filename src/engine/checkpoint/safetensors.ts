import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { HostError } from '../errors.js';
import { floatsToHalves, halvesToFloats } from '../halves.js';

/** The safetensors format: https://huggingface.co/docs/safetensors, "Format". */
const BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type TensorDType = keyof typeof BYTES;

/** The format's own limit on the JSON header. */
const MAX_HEADER = 100_000_000;
/** Headers are padded so that tensors start at a multiple of this: mapped weights want aligned loads. */
const ALIGNMENT = 64;

/** One tensor in a file: `length` bytes from `offset` (counted from the start of the file). */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: TensorDType;
  readonly shape: readonly number[];
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

const elements = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/**
 * The tensors of a file, by name; reads the header only.
 * @throws HostError naming file, tensor and expectation when the file is truncated or malformed
 */
export function readHeader(file: string): Map<string, TensorInfo> {
  const { json, start, size } = readRawHeader(file);
  return parseHeader(file, json, start, size);
}

/**
 * What the makers of a file say of it; empty when they say nothing.
 * @throws HostError as `readHeader`
 */
export function readMetadata(file: string): Readonly<Record<string, string>> {
  const { json, start, size } = readRawHeader(file);
  parseHeader(file, json, start, size);
  const metadata = (JSON.parse(json) as { __metadata__?: unknown }).__metadata__;
  if (typeof metadata !== 'object' || metadata === null) return {};
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => typeof value === 'string'));
}

function readRawHeader(file: string): { json: string; start: number; size: number } {
  const fd = open(file);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw broken(file, 'it is a folder or a device');
    const { size } = stat;
    const head = Buffer.alloc(8);
    if (size < 8 || readSync(fd, head, 0, 8, 0) < 8)
      throw broken(file, `it has ${size} bytes, too few for a header`);
    const length = Number(head.readBigUInt64LE());
    if (length > MAX_HEADER) {
      throw broken(file, `its header claims ${length} bytes, more than the format's limit of ${MAX_HEADER}`);
    }
    if (8 + length > size) {
      throw broken(file, `its header needs ${8 + length} bytes and the file has ${size}: download it again`);
    }
    const json = Buffer.alloc(length);
    readSync(fd, json, 0, length, 8);
    return { json: json.toString('utf8'), start: 8 + length, size };
  } finally {
    closeSync(fd);
  }
}

function parseHeader(file: string, json: string, start: number, size: number): Map<string, TensorInfo> {
  let header: unknown;
  try {
    header = JSON.parse(json);
  } catch {
    throw broken(file, 'its header is not JSON');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw broken(file, 'its header is not an object');
  }
  const tensors = new Map<string, TensorInfo>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
    if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype)) {
      throw broken(file, `tensor ${name} has the unknown type ${JSON.stringify(dtype ?? null)}`);
    }
    if (!isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
      throw broken(file, `tensor ${name} has no valid shape and data_offsets`);
    }
    const [begin, end] = offsets as [number, number];
    if (begin > end || start + end > size) {
      throw broken(
        file,
        `tensor ${name} lies at bytes ${start + begin}–${start + end} of a file of ${size}: download it again`,
      );
    }
    const expected = elements(shape) * BYTES[dtype as TensorDType];
    if (end - begin !== expected) {
      throw broken(file, `tensor ${name} ${dtype} [${shape}] needs ${expected} bytes and has ${end - begin}`);
    }
    tensors.set(name, {
      name,
      dtype: dtype as TensorDType,
      shape,
      file,
      offset: start + begin,
      length: expected,
    });
  }
  requireDisjoint(file, tensors);
  return tensors;
}

function requireDisjoint(file: string, tensors: ReadonlyMap<string, TensorInfo>): void {
  const inOrder = [...tensors.values()].filter((t) => t.length > 0).sort((a, b) => a.offset - b.offset);
  for (const [i, tensor] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before && before.offset + before.length > tensor.offset) {
      throw broken(file, `tensors ${before.name} and ${tensor.name} overlap`);
    }
  }
}

/** Reads one tensor as float32; F16 and BF16 convert exactly, integers by value. */
export function readTensor(info: TensorInfo): Float32Array {
  const fd = open(info.file);
  try {
    return readFrom(fd, info);
  } finally {
    closeSync(fd);
  }
}

function readFrom(fd: number, { file, name, dtype, offset, length }: TensorInfo): Float32Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = readSync(fd, bytes, at, length - at, offset + at);
    if (count === 0)
      throw broken(file, `tensor ${name} ends after ${at} of ${length} bytes: download it again`);
    at += count;
  }
  return toFloat32(bytes, dtype);
}

function toFloat32(bytes: Uint8Array, dtype: TensorDType): Float32Array {
  const { buffer } = bytes;
  switch (dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return halvesToFloats(new Uint16Array(buffer));
    case 'BF16': {
      // bfloat16 is the upper half of a float32
      const out = new Uint32Array(new Uint16Array(buffer));
      for (let i = 0; i < out.length; i++) out[i] = out[i]! << 16;
      return new Float32Array(out.buffer);
    }
    case 'F64':
      return Float32Array.from(new Float64Array(buffer));
    case 'I64':
      return Float32Array.from(new BigInt64Array(buffer), Number);
    case 'I32':
      return Float32Array.from(new Int32Array(buffer));
    case 'I16':
      return Float32Array.from(new Int16Array(buffer));
    case 'I8':
      return Float32Array.from(new Int8Array(buffer));
    case 'U8':
    case 'BOOL':
      return Float32Array.from(bytes);
  }
}

/** A tensor to write: its values are asked for when their turn comes, so that a file never fills the memory. */
export interface TensorToWrite {
  readonly shape: readonly number[];
  readonly data: Float32Array | (() => Float32Array);
}

/**
 * Writes float32 tensors, or what is nearest to them in halves, data aligned to 64 bytes; the file appears whole or not at all, also when two processes write
 * it at once.
 * @throws HostError when a value is too large for halves
 * @throws Error when a tensor's values do not fill its shape (a bug of the caller)
 */
export function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, TensorToWrite>>,
  metadata?: Readonly<Record<string, string>>,
  dtype: 'F32' | 'F16' = 'F32',
): void {
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let end = 0;
  for (const [name, { shape }] of Object.entries(tensors)) {
    const begin = end;
    end += elements(shape) * BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Math.ceil((8 + json.length) / ALIGNMENT) * ALIGNMENT - 8;
  const head = Buffer.alloc(8 + padded, ' ');
  head.writeBigUInt64LE(BigInt(padded));
  json.copy(head, 8);

  const partial = `${file}.${randomUUID()}.partial`;
  const fd = openSync(partial, 'w');
  try {
    try {
      writeAll(fd, head);
      for (const [name, { shape, data }] of Object.entries(tensors)) {
        const values = typeof data === 'function' ? data() : data;
        if (values.length !== elements(shape)) {
          throw new Error(`tensor ${name} [${shape}] has ${values.length} values`);
        }
        const { buffer, byteOffset, byteLength } = dtype === 'F16' ? halvesOf(name, values) : values;
        writeAll(fd, new Uint8Array(buffer, byteOffset, byteLength));
      }
    } finally {
      closeSync(fd);
    }
    renameSync(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function halvesOf(name: string, values: Float32Array): Uint16Array {
  const large = values.find((value) => Math.abs(value) >= 65520);
  if (large !== undefined)
    throw new HostError(
      `tensor ${name} holds ${large}, and halves end at 65504: compute with --precision full`,
    );
  return floatsToHalves(values);
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

function open(file: string): number {
  try {
    return openSync(file, 'r');
  } catch {
    throw new HostError(`${file} cannot be read: check that it exists and is a safetensors file`);
  }
}

const broken = (file: string, what: string): HostError =>
  new HostError(`${file} is not a whole safetensors file: ${what}`);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((d) => Number.isSafeInteger(d) && d >= 0);
