import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, parse, relative } from 'node:path';
import { HostError } from '../errors.js';
import type { Precision } from '../halves.js';
import { makeRoom, touch } from './cache.js';
import {
  readHeader,
  readTensor,
  type TensorDType,
  type TensorInfo,
  writeSafetensors,
} from './safetensors.js';
import type { WeightSlice, WeightSource } from './source.js';

/** Names that diffusers and transformers give the one file of a component. */
const FILES = ['diffusion_pytorch_model', 'model'];
/** Their variants, what suits best first. */
const VARIANTS: Readonly<Record<Precision, readonly string[]>> = {
  full: ['', '.fp16', '.bf16'],
  half: ['.fp16', '', '.bf16'],
};
const STORED: Readonly<Record<Precision, TensorDType>> = { full: 'F32', half: 'F16' };
const FLOATS: readonly TensorDType[] = ['F64', 'F32', 'F16', 'BF16'];

/** The tensors of one component of a checkpoint (unet, vae, text_encoder), over all its files. */
export class ComponentWeights implements WeightSource {
  /** As the folder is called: unet, text_encoder, text_encoder_2, vae. */
  readonly component: string;

  private constructor(
    private readonly folder: string,
    private readonly tensors: ReadonlyMap<string, TensorInfo>,
    readonly precision: Precision,
  ) {
    this.component = basename(folder);
  }

  /**
   * Opens the component in `folder`: one file or shards with an index. ONNX Runtime maps the weights from the files
   * themselves, so what is of another precision than is wanted is copied once into `cacheDir`.
   * @throws HostError when files are missing or broken
   */
  static open(folder: string, cacheDir: string, precision: Precision = 'full'): ComponentWeights {
    const files = weightFiles(folder, precision);
    const found = new Map(files.flatMap((file) => [...readHeader(file)]));
    return new ComponentWeights(folder, stored(files, found, cacheDir, precision), precision);
  }

  /**
   * The tensors of one component in a file that holds a whole checkpoint (see singleFile/).
   * @param file what the tensors are slices of
   */
  static of(
    component: string,
    file: string,
    tensors: ReadonlyMap<string, TensorInfo & { transposed?: true }>,
    cacheDir: string,
    precision: Precision = 'full',
  ): ComponentWeights {
    return new ComponentWeights(component, stored([file], tensors, cacheDir, precision), precision);
  }

  /** The same with some tensors taken from elsewhere. */
  replacing(tensors: ReadonlyMap<string, TensorInfo>): ComponentWeights {
    return new ComponentWeights(this.folder, new Map([...this.tensors, ...tensors]), this.precision);
  }

  names(): string[] {
    return [...this.tensors.keys()];
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  get(name: string, shape?: readonly number[]): WeightSlice & TensorInfo {
    const info = this.tensors.get(name);
    if (!info) {
      throw new HostError(
        `${this.#files()} has no tensor ${name}${this.#nearest(name)}: is it the right checkpoint?`,
      );
    }
    if (shape && !sameOrFlat(info.shape, shape)) {
      throw new HostError(
        `${info.file}: tensor ${name} is [${info.shape}] and config.json asks for [${shape}]: they do not belong together`,
      );
    }
    return { ...info, shape: shape ?? info.shape, location: locationOf(info.file) };
  }

  read(name: string): Float32Array {
    return readTensor(this.get(name));
  }

  /** The one file, or the folder when there are shards. */
  #files(): string {
    const files = new Set([...this.tensors.values()].map((t) => t.file));
    return files.size === 1 ? [...files][0]! : this.folder;
  }

  #nearest(name: string): string {
    const parts = new Set(name.split('.'));
    const likeness = (other: string): number => other.split('.').filter((p) => parts.has(p)).length;
    const best = this.names()
      .filter((other) => likeness(other) > 0)
      .sort((a, b) => likeness(b) - likeness(a))
      .slice(0, 2);
    return best.length > 0 ? ` (the nearest: ${best.join(', ')})` : '';
  }
}

/**
 * What external data's locations are relative to. ONNX Runtime refuses what leaves this folder, and a graph may join
 * components that lie apart (a float32 VAE in its place, an expanded UNet in the cache): the file system's root.
 */
export const WEIGHTS_ROOT = parse(process.cwd()).root;

/** Links are resolved: the Hub's cache is made of them, and ONNX Runtime does not follow those that leave a folder. */
const locationOf = (file: string): string => relative(WEIGHTS_ROOT, realpathSync(file));

/** Linear layers stored as 1x1 convolutions (old VAEs) hold the same numbers in the same order. */
function sameOrFlat(found: readonly number[], wanted: readonly number[]): boolean {
  const trim = (shape: readonly number[]): string => shape.join().replace(/(?:,1)*$/, '');
  return (
    found.join() === wanted.join() ||
    (found.length > 2 && wanted.length === 2 && trim(found) === trim(wanted))
  );
}

function weightFiles(folder: string, precision: Precision): string[] {
  for (const name of FILES) {
    for (const variant of VARIANTS[precision]) {
      const single = join(folder, `${name}${variant}.safetensors`);
      if (existsSync(single)) return [single];
      const index = join(folder, `${name}.safetensors.index${variant}.json`);
      if (existsSync(index)) return shards(folder, index);
    }
  }
  throw new HostError(
    `${folder} has no weights: expected ${FILES.map((f) => `${f}.safetensors`).join(' or ')} (convert .bin files to safetensors first)`,
  );
}

function shards(folder: string, index: string): string[] {
  let map: unknown;
  try {
    map = (JSON.parse(readFileSync(index, 'utf8')) as { weight_map?: unknown }).weight_map;
  } catch {
    throw new HostError(`${index} is not JSON: download it again`);
  }
  const names: unknown[] = typeof map === 'object' && map !== null ? Object.values(map) : [];
  if (names.length === 0 || !names.every((name) => typeof name === 'string'))
    throw new HostError(`${index} has no weight_map of tensors to files: download it again`);
  return [...new Set(names)].map((name) => {
    const file = join(folder, basename(name));
    if (!existsSync(file))
      throw new HostError(`${index} names the shard ${name}, which is not there: download it again`);
    return file;
  });
}

type Found = TensorInfo & { readonly transposed?: true };

/** The same tensors in the precision that is wanted: those that are not lie in a copy. */
function stored(
  files: readonly string[],
  found: ReadonlyMap<string, Found>,
  cacheDir: string,
  precision: Precision,
): ReadonlyMap<string, TensorInfo> {
  // transformers < 4.31 also saved position_ids, as int64: they are constants, and no reason for a copy
  const others = [...found.values()].filter(
    (t) => FLOATS.includes(t.dtype) && (t.dtype !== STORED[precision] || t.transposed),
  );
  if (others.length === 0) return found;
  return new Map([...found, ...readHeader(copy(files, others, cacheDir, precision))]);
}

/** The copy of what is of another precision, made once; a changed file gets a new one. */
function copy(
  files: readonly string[],
  floats: readonly Found[],
  cacheDir: string,
  precision: Precision,
): string {
  const [dtype, size, called] =
    precision === 'half' ? (['F16', 2, 'half-precision'] as const) : (['F32', 4, 'float32'] as const);
  const key = createHash('sha256');
  if (precision === 'half') key.update('half\n');
  for (const file of files) {
    const real = realpathSync(file);
    const { size: bytes, mtimeMs } = statSync(real);
    key.update(`${real}\n${bytes}\n${mtimeMs}\n`);
  }
  // a file rewritten in place within the clock's grain may keep size and time
  for (const { name, dtype, shape, offset } of floats) key.update(`${name} ${dtype} ${shape} ${offset}\n`);
  const target = join(cacheDir, `${key.digest('hex').slice(0, 32)}.safetensors`);
  if (existsSync(target)) {
    touch(target);
    return target;
  }
  const bytes = floats.reduce((sum, t) => sum + size * t.shape.reduce((n, d) => n * d, 1), 0);
  try {
    mkdirSync(cacheDir, { recursive: true });
    makeRoom(cacheDir, bytes);
    writeSafetensors(
      target,
      Object.fromEntries(
        floats.map((t) => [
          t.name,
          { shape: t.shape, data: () => (t.transposed ? turned(readTensor(t), t.shape) : readTensor(t)) },
        ]),
      ),
      undefined,
      dtype,
    );
    touch(target);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new HostError(
      `${cacheDir} cannot take the ${called} copy of ${files[0]} (${code}): it needs ${Math.ceil(bytes / 1e6)} MB of writable space`,
    );
  }
  return target;
}

/** The transpose, whose shape is given, of a matrix. */
function turned(data: Float32Array, shape: readonly number[]): Float32Array {
  const [rows, columns] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[r * columns + c] = data[c * rows + r]!;
  return out;
}
