import {
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { readHeader, readTensor, writeSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { ComponentWeights, WEIGHTS_ROOT } from '../../../src/engine/checkpoint/weights.js';
import { UserError } from '../../../src/engine/errors.js';
import { halfToFloat } from '../../../src/engine/halves.js';
import { temporaryFolder } from '../../fixtures.js';

/** A safetensors file with any header and any bytes. */
function raw(
  header: unknown,
  body: Uint8Array,
  folder = temporaryFolder(),
  name = 'model.safetensors',
): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(json.length));
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat([head, json, body]));
  return file;
}

/** A file that claims a header larger than the format allows. */
function oversized(): string {
  const file = join(temporaryFolder(), 'model.safetensors');
  const head = Buffer.alloc(16);
  head.writeBigUInt64LE(100_000_001n);
  writeFileSync(file, head);
  return file;
}

/** The file's first bytes only. */
function cut(file: string, bytes: number): string {
  writeFileSync(file, readFileSync(file).subarray(0, bytes));
  return file;
}

const f32 = (shape: number[], begin: number, end: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('safetensors', () => {
  it('reads what it writes, data aligned for mapping', () => {
    const file = join(temporaryFolder(), 'x.safetensors');
    const a = Float32Array.of(1, -2, 3.5);
    writeSafetensors(
      file,
      { a: { shape: [3], data: a }, b: { shape: [1, 2], data: () => Float32Array.of(7, 8) } },
      { k: 'v' },
    );
    const header = readHeader(file);
    expect(readTensor(header.get('a')!)).toEqual(a);
    expect(header.get('b')!.shape).toEqual([1, 2]);
    expect(header.get('a')!.offset % 64).toBe(0);
  });

  it('converts half precision exactly', () => {
    // smallest subnormal, largest subnormal, one, −2, largest, infinity (IEEE 754, binary16)
    expect([0x0001, 0x03ff, 0x3c00, 0xc000, 0x7bff, 0x7c00].map(halfToFloat)).toEqual([
      2 ** -24,
      1023 * 2 ** -24,
      1,
      -2,
      65504,
      Number.POSITIVE_INFINITY,
    ]);
    expect(halfToFloat(0x7e00)).toBeNaN();
    const bf16 = raw(
      { x: f32([3], 0, 6, 'BF16') },
      new Uint8Array(Uint16Array.of(0x3f80, 0xc040, 0x7f80).buffer),
    );
    expect([...readTensor(readHeader(bf16).get('x')!)]).toEqual([1, -3, Number.POSITIVE_INFINITY]);
  });

  it('converts every half as the format defines it', () => {
    // −smallest subnormal, −0, NaN, and bf16's smallest subnormal 2⁻¹³³
    const f16 = raw(
      { x: f32([3], 0, 6, 'F16') },
      new Uint8Array(Uint16Array.of(0x8001, 0x8000, 0x7e00).buffer),
    );
    expect([...readTensor(readHeader(f16).get('x')!)]).toEqual([-(2 ** -24), -0, Number.NaN]);
    const bf16 = raw({ x: f32([2], 0, 4, 'BF16') }, new Uint8Array(Uint16Array.of(0x0001, 0xff80).buffer));
    expect([...readTensor(readHeader(bf16).get('x')!)]).toEqual([2 ** -133, Number.NEGATIVE_INFINITY]);
  });

  it('reads integers by value', () => {
    const ids = raw({ x: f32([2], 0, 16, 'I64') }, new Uint8Array(BigInt64Array.of(-3n, 76n).buffer));
    expect([...readTensor(readHeader(ids).get('x')!)]).toEqual([-3, 76]);
  });

  it('leaves nothing behind when writing fails', () => {
    const folder = temporaryFolder();
    const values = { a: { shape: [3], data: Float32Array.of(1) } };
    expect(() => writeSafetensors(join(folder, 'x.safetensors'), values)).toThrow(
      'tensor a [3] has 1 values',
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('stays whole when another writer of the same file comes in between', () => {
    const file = join(temporaryFolder(), 'x.safetensors');
    const tensor = (data: () => Float32Array) => ({ a: { shape: [2], data } });
    const values = Float32Array.of(1, 2);
    writeSafetensors(
      file,
      tensor(() => {
        writeSafetensors(
          file,
          tensor(() => values),
        );
        return values;
      }),
    );
    expect(readTensor(readHeader(file).get('a')!)).toEqual(values);
    expect(readdirSync(join(file, '..'))).toEqual(['x.safetensors']);
  });

  const body = new Uint8Array(16);
  it.each([
    ['a file of a few bytes', () => cut(raw('', new Uint8Array()), 3), 'too few for a header'],
    ['a header that is not there', () => cut(raw({ a: f32([1], 0, 4) }, body), 20), 'download it again'],
    ['a header that is not JSON', () => raw('{"a"', body), 'its header is not JSON'],
    ['a list as header', () => raw([], body), 'its header is not an object'],
    ['an unknown type', () => raw({ a: f32([4], 0, 16, 'Q4') }, body), 'tensor a has the unknown type "Q4"'],
    [
      'a name every object has',
      () => raw({ a: f32([4], 0, 16, 'toString') }, body),
      'the unknown type "toString"',
    ],
    ['a folder', () => temporaryFolder(), 'it is a folder or a device'],
    [
      'a header beyond the limit',
      () => oversized(),
      "header claims 100000001 bytes, more than the format's limit",
    ],
    ['data that ends early', () => raw({ a: f32([8], 0, 32) }, body), 'tensor a lies at bytes'],
    [
      'a length that does not fit',
      () => raw({ a: f32([3], 0, 16) }, body),
      'tensor a F32 [3] needs 12 bytes and has 16',
    ],
    ['negative sizes', () => raw({ a: f32([-1], 0, 4) }, body), 'no valid shape'],
    [
      'overlapping tensors',
      () => raw({ a: f32([2], 0, 8), b: f32([2], 4, 12) }, body),
      'tensors a and b overlap',
    ],
  ])('refuses %s in one line that names the file', (_, make, message) => {
    const file = make();
    const error = thrown(() => readHeader(file));
    expect(error).toBeInstanceOf(UserError);
    expect(error.message).toContain(message);
    expect(error.message).toContain(file);
    expect(error.message).not.toContain('\n');
  });
});

describe('component weights', () => {
  const half = (folder: string) =>
    raw({ w: f32([2], 0, 4, 'F16') }, new Uint8Array(Uint16Array.of(0x3c00, 0xc000).buffer), folder);

  it('expands half precision once, and again when the file changes', () => {
    const [folder, cache] = [temporaryFolder(), temporaryFolder()];
    const file = half(folder);
    const first = ComponentWeights.open(folder, cache).get('w');
    expect([...readTensor(first)]).toEqual([1, -2]);
    const { mtimeMs } = statSync(first.file);
    expect(ComponentWeights.open(folder, cache).get('w').file).toBe(first.file);
    expect(statSync(first.file).mtimeMs).toBe(mtimeMs);
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    expect(ComponentWeights.open(folder, cache).get('w').file).not.toBe(first.file);
  });

  it('uses float32 files in their place', () => {
    const folder = temporaryFolder();
    const file = raw({ w: f32([2], 0, 8) }, new Uint8Array(8), folder);
    expect(ComponentWeights.open(folder, join(folder, 'cache')).get('w').file).toBe(file);
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });

  it('uses float32 files in their place though they hold integers too (position_ids)', () => {
    const folder = temporaryFolder();
    const file = raw({ w: f32([1], 0, 4), ids: f32([1], 4, 12, 'I64') }, new Uint8Array(12), folder);
    expect(ComponentWeights.open(folder, join(folder, 'cache')).get('w').file).toBe(file);
  });

  it('gives locations that lead to the file from one root', () => {
    const folder = temporaryFolder();
    half(folder);
    const { location, file, offset } = ComponentWeights.open(folder, join(folder, 'cache')).get('w');
    expect(join(WEIGHTS_ROOT, location)).toBe(realpathSync(file));
    expect(offset % 64).toBe(0);
  });

  it('says how much space a float32 copy needs when the cache cannot take it', () => {
    const folder = temporaryFolder();
    const blocked = join(half(folder), 'cache'); // below a file
    expect(thrown(() => ComponentWeights.open(folder, blocked)).message).toMatch(
      /cannot take the float32 copy of .*model.safetensors \(ENOTDIR\): it needs 1 MB/,
    );
  });

  it('joins shards by their index, and names a missing one', () => {
    const folder = temporaryFolder();
    raw({ a: f32([1], 0, 4) }, new Uint8Array(4), folder, 's1.safetensors');
    raw({ b: f32([1], 0, 4) }, new Uint8Array(4), folder, 's2.safetensors');
    const index = (map: Record<string, string>) =>
      writeFileSync(join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    index({ a: 's1.safetensors', b: 's2.safetensors' });
    expect(ComponentWeights.open(folder, folder).names().sort()).toEqual(['a', 'b']);
    index({ a: 's1.safetensors', c: 's3.safetensors' });
    expect(thrown(() => ComponentWeights.open(folder, folder)).message).toContain(
      'names the shard s3.safetensors',
    );
    index({ a: { toString: 1 } as never });
    expect(thrown(() => ComponentWeights.open(folder, folder)).message).toContain(
      'has no weight_map of tensors to files',
    );
  });

  it('names an unknown tensor and the nearest, and a shape that does not fit', () => {
    const folder = temporaryFolder();
    raw({ 'mid.conv.weight': f32([2, 2], 0, 16) }, new Uint8Array(16), folder);
    const weights = ComponentWeights.open(folder, folder);
    expect(thrown(() => weights.get('mid.conv.bias')).message).toContain(
      'model.safetensors has no tensor mid.conv.bias (the nearest: mid.conv.weight)',
    );
    expect(thrown(() => weights.get('mid.conv.weight', [3, 2])).message).toContain(
      '[2,2] and config.json asks for [3,2]',
    );
  });

  it('says what is missing from a folder', () => {
    expect(thrown(() => ComponentWeights.open(temporaryFolder(), '')).message).toContain('has no weights');
    expect(thrown(() => openCheckpoint('/nowhere')).message).toContain('/nowhere is no checkpoint');
    expect(thrown(() => openCheckpoint(temporaryFolder())).message).toContain('model_index.json is missing');
  });
});

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
