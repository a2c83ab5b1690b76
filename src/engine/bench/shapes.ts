import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { autoencoderConfig, autoencoderTinyConfig } from '../checkpoint/config/autoencoder.js';
import { clipTextConfig } from '../checkpoint/config/clip.js';
import type { Json } from '../checkpoint/config/fields.js';
import { unetConfig } from '../checkpoint/config/unet.js';
import { writeSafetensors } from '../checkpoint/safetensors.js';
import type { WeightSlice, WeightSource } from '../checkpoint/source.js';
import { gaussians } from '../diffusion/random.js';
import { UserError } from '../errors.js';
import { Graph, type Value } from '../graph/graph.js';
import { decode, encode } from '../models/autoencoderKL.js';
import { decodeTiny, encodeTiny } from '../models/autoencoderTiny.js';
import { clipText } from '../models/clipText.js';
import { Parameters } from '../models/parameters.js';
import { unet2dCondition } from '../models/unet2dCondition.js';
import { CONFIGS, type Configs, TAESD } from './configs.js';

export type BenchShape = keyof typeof CONFIGS;

/** Stands for a component's files while its graph is built, and notes which tensors the graph asks for. */
class Recorder implements WeightSource {
  readonly precision = 'full';
  readonly component = 'recorded';
  readonly shapes = new Map<string, readonly number[]>();

  /** @param absent tensors that the architecture does not have */
  constructor(private readonly absent: RegExp) {}

  has(name: string): boolean {
    return !this.absent.test(name);
  }

  get(name: string, shape: readonly number[]): WeightSlice {
    this.shapes.set(name, shape);
    return { shape, location: '', offset: 0, length: 0 };
  }
}

/** The tensors of each component, found by building its graph as checkpoints build it. */
export function tensorsOf(configs: Configs): Map<string, ReadonlyMap<string, readonly number[]>> {
  const json = (part: string): Json => configs[`${part}/config.json`]!;
  const record = (absent: RegExp, build: (p: Parameters, graph: Graph) => void) => {
    const [recorder, graph] = [new Recorder(absent), new Graph()];
    build(new Parameters(graph, recorder), graph);
    return recorder.shapes;
  };
  const parts = new Map<string, ReadonlyMap<string, readonly number[]>>();
  for (const part of ['text_encoder', 'text_encoder_2']) {
    if (!configs[`${part}/config.json`]) continue;
    const absent = part === 'text_encoder' ? /^text_projection/ : /projection\.bias/;
    parts.set(
      part,
      record(absent, (p, graph) => {
        const [inputIds, ends] = [graph.input('ids', [1, 8], 'int32'), graph.input('ends', [1], 'int32')];
        clipText(p, clipTextConfig(part, json(part)), { inputIds, endPositions: ends });
      }),
    );
  }
  const unet = unetConfig('unet', json('unet'));
  parts.set(
    'unet',
    record(/\.to_[qkv]\.bias$/, (p, graph) => {
      const pooled = Number(json('text_encoder_2')?.projection_dim ?? 0);
      const added = {
        textEmbeds: graph.input('text', [1, pooled]),
        timeIds: graph.input('ids', [1, 6]),
      };
      unet2dCondition(p, unet, {
        sample: graph.input('sample', [1, unet.in_channels, 8, 8]),
        timestep: graph.input('timestep', [1]),
        encoderHiddenStates: graph.input('hidden', [1, 8, unet.cross_attention_dim]),
        ...(unet.addition_embed_type ? { added } : {}),
      });
    }),
  );
  parts.set(
    'vae',
    record(/^$/, (p, graph) => {
      const config = autoencoderConfig('vae', json('vae'));
      const latents: Value = graph.input('latents', [1, config.latent_channels, 2, 2]);
      encode(p, config, graph.input('pixels', [1, 3, 16, 16]));
      decode(p, config, latents);
    }),
  );
  return parts;
}

/** As many numbers as tensors are cut from; each tensor starts somewhere else. */
const TABLE = 2 ** 20 + 7;

/** Random values of a trained model's size: unit gain through linear layers, norms about one. */
function randomTensor(
  name: string,
  shape: readonly number[],
  seed: number,
  table: Float32Array,
): Float32Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const fanIn = shape.length > 1 ? shape.slice(1).reduce((a, b) => a * b, 1) : 1;
  const [centre, spread] =
    shape.length > 1 ? [0, 1 / Math.sqrt(fanIn)] : [Number(/norm.*weight$/.test(name)), 0.02];
  const start = (seed * 7919) % table.length;
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = centre + spread * table[(start + i) % table.length]!;
  return values;
}

/**
 * A checkpoint folder of a real model's shapes with random float32 weights, made once.
 * @param merges CLIP's merges.txt, for its tokenizers
 * @returns the folder
 * @throws UserError when the disk has no room for it
 */
export function randomCheckpoint(shape: BenchShape, folder: string, merges: string): string {
  const dir = join(folder, shape);
  if (existsSync(join(dir, 'model_index.json'))) return dir;
  const configs: Configs = CONFIGS[shape];
  const partial = `${dir}.partial`;
  const parts = tensorsOf(configs);
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  requireRoom(shape, partial, parts);
  const table = gaussians(TABLE, 1);
  let seed = 0;
  for (const [part, shapes] of parts) {
    mkdirSync(join(partial, part), { recursive: true });
    const file = part.startsWith('text') ? 'model' : 'diffusion_pytorch_model';
    const tensors = [...shapes].map(([name, own]) => {
      const at = ++seed;
      return [name, { shape: own, data: () => randomTensor(name, own, at, table) }] as const;
    });
    writeSafetensors(join(partial, part, `${file}.safetensors`), Object.fromEntries(tensors), {
      format: 'pt',
    });
  }
  for (const [file, json] of Object.entries(configs)) {
    mkdirSync(join(partial, dirname(file)), { recursive: true });
    writeFileSync(join(partial, file), JSON.stringify(json, null, 2));
  }
  for (const part of ['tokenizer', 'tokenizer_2'])
    cpSync(merges, join(partial, part, 'merges.txt'), { recursive: true });
  renameSync(partial, dir);
  return dir;
}

/** TAESD's shapes with random weights, 10 MB, made once in a checkpoint's folder. @returns its own folder */
export function randomTaesd(checkpoint: string): string {
  const dir = join(checkpoint, 'taesd');
  if (existsSync(join(dir, 'config.json'))) return dir;
  mkdirSync(dir, { recursive: true });
  // convolutions between its blocks have no bias
  const recorder = new Recorder(/^(?:encoder\.layers\.(?:2|6|10)|decoder\.layers\.(?:6|11|16))\.bias$/);
  const graph = new Graph();
  const p = new Parameters(graph, recorder);
  const config = autoencoderTinyConfig('taesd', TAESD);
  encodeTiny(p, config, graph.input('pixels', [1, 3, 64, 64]));
  decodeTiny(p, config, graph.input('latents', [1, config.latent_channels, 8, 8]));
  const table = gaussians(TABLE, 2);
  const tensors = [...recorder.shapes].map(([name, own], seed) => {
    return [name, { shape: own, data: randomTensor(name, own, seed, table) }] as const;
  });
  writeSafetensors(join(dir, 'diffusion_pytorch_model.safetensors'), Object.fromEntries(tensors), {
    format: 'pt',
  });
  writeFileSync(join(dir, 'config.json'), JSON.stringify(TAESD, null, 2));
  return dir;
}

function requireRoom(
  shape: BenchShape,
  folder: string,
  parts: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>,
): void {
  const sizes = [...parts.values()].flatMap((shapes) => [...shapes.values()]);
  const bytes = sizes.reduce((sum, own) => sum + 4 * own.reduce((a, b) => a * b, 1), 0);
  const { bavail, bsize } = statfsSync(folder);
  if (bytes <= bavail * bsize) return;
  rmSync(folder, { recursive: true });
  throw new UserError(
    `${shape} takes ${(bytes / 1e9).toFixed(1)} GB of disk and ${((bavail * bsize) / 1e9).toFixed(1)} GB are free: name another folder in DEDIT_BENCH`,
  );
}
