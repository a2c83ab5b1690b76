import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readJson } from '../checkpoint/json.js';
import type { Checkpoint } from '../checkpoint/layout.js';
import { alike, fingerprint } from '../checkpoint/likeness.js';
import { readHeader, readTensor, type TensorToWrite, writeSafetensors } from '../checkpoint/safetensors.js';
import { HostError, UserError } from '../errors.js';
import type { Learned } from '../families/learned.js';
import { LORA_A, LORA_B } from '../models/lowRank.js';
import type { Tensor } from '../runtime/session.js';

const INDEX = 'learned.json';
/** diffusers' own name for a LoRA, with PEFT's parameter names under 'unet.'. */
const LORA = 'pytorch_lora_weights.safetensors';
/** Whole q, k, v weights of the cross-attention layers under diffusers' parameter names. */
const CROSS_ATTENTION = 'unet_cross_attention.safetensors';
/** diffusers' keys of a textual inversion for two text encoders; with one, the key is the token itself. */
const SDXL_KEYS: Record<string, string> = { text_encoder: 'clip_l', text_encoder_2: 'clip_g' };

const itemFile = (item: number): string => `item-${item + 1}.safetensors`;

/** What learned.json holds. */
interface Index {
  /** The checkpoint's name, for people. */
  readonly checkpoint: string;
  readonly fingerprint: readonly number[];
  readonly items: number;
  readonly tokensPerItem: number;
  readonly encoders: readonly string[];
}

/**
 * Writes what was learned, in formats others read: a textual inversion an item, and LoRA or cross-attention weights.
 * A LoRA's scale (alpha / rank) is multiplied into B: readers that find no alpha take 1.
 * @param checkpoint what it was learned with, so that a load into another one can be refused
 */
export function saveLearned(dir: string, learned: Learned, checkpoint: Checkpoint): void {
  mkdirSync(dir, { recursive: true });
  const { items, tokensPerItem, loraScale } = learned;
  const two = learned.newTokens.size > 1;
  for (let item = 0; item < items; item++) {
    const tensors: Record<string, TensorToWrite> = {};
    for (const [encoder, { shape, data }] of learned.newTokens) {
      const width = shape[1]!;
      const rows = (data as Float32Array).subarray(
        item * tokensPerItem * width,
        (item + 1) * tokensPerItem * width,
      );
      tensors[two ? SDXL_KEYS[encoder]! : `<item-${item + 1}>`] = {
        shape: [tokensPerItem, width],
        data: rows,
      };
    }
    writeSafetensors(join(dir, itemFile(item)), tensors, { format: 'pt' });
  }
  const lora = [...learned.weights.keys()].some((name) => name.endsWith(LORA_A));
  if (learned.weights.size > 0) {
    const named = [...learned.weights].map(([name, { shape, data }]) => {
      const scale = name.endsWith(LORA_B) ? loraScale : 1;
      const scaled = scale === 1 ? (data as Float32Array) : (data as Float32Array).map((v) => v * scale);
      return [lora ? `unet.${name}` : name, { shape, data: scaled }] as const;
    });
    writeSafetensors(join(dir, lora ? LORA : CROSS_ATTENTION), Object.fromEntries(named), { format: 'pt' });
  }
  const index: Index = {
    checkpoint: checkpoint.name,
    fingerprint: fingerprint(checkpoint),
    items,
    tokensPerItem,
    encoders: [...learned.newTokens.keys()],
  };
  writeFileSync(join(dir, INDEX), `${JSON.stringify(index, null, 2)}\n`);
}

/**
 * @throws HostError when the folder holds nothing learned, or it belongs to another checkpoint
 */
export function loadLearned(dir: string, checkpoint: Checkpoint): Learned {
  if (!existsSync(join(dir, INDEX))) {
    throw new HostError(`${dir} holds no learned items (${INDEX} is missing): make some with --save DIR`);
  }
  const index = readJson(join(dir, INDEX)) as unknown as Index;
  if (!Array.isArray(index.fingerprint))
    throw new HostError(`${join(dir, INDEX)} is of an older dedit: save the items again`);
  if (!alike(index.fingerprint, fingerprint(checkpoint))) {
    throw new HostError(
      `${dir} was learned with other weights (${index.checkpoint}) than those of ${checkpoint.name}: name that checkpoint`,
    );
  }
  const { items, tokensPerItem, encoders } = index;
  const newTokens = new Map<string, Tensor>();
  for (const encoder of encoders) {
    const rows = Array.from({ length: items }, (_, item) => {
      const key = encoders.length > 1 ? SDXL_KEYS[encoder]! : `<item-${item + 1}>`;
      const info = readHeader(join(dir, itemFile(item))).get(key);
      if (!info)
        throw new HostError(`${join(dir, itemFile(item))} has no tensor ${key}: save the items again`);
      return { width: info.shape[1]!, data: readTensor(info) };
    });
    const width = rows[0]!.width;
    const data = new Float32Array(items * tokensPerItem * width);
    for (const [item, row] of rows.entries()) data.set(row.data, item * tokensPerItem * width);
    newTokens.set(encoder, { shape: [items * tokensPerItem, width], data });
  }
  const weights = new Map<string, Tensor>();
  for (const file of [LORA, CROSS_ATTENTION]) {
    if (!existsSync(join(dir, file))) continue;
    for (const [name, info] of readHeader(join(dir, file))) {
      weights.set(name.replace(/^unet\./, ''), { shape: info.shape, data: readTensor(info) });
    }
  }
  return { items, tokensPerItem, newTokens, weights, loraScale: 1 };
}

/** In one file: names of new tokens begin with this, all others are the UNet's. */
const TOKENS = 'tokens.';
const COUNTS = 'items, tokens per item, LoRA scale';

/** The same as one small safetensors file, for a session's storage. */
export function packLearned({ items, tokensPerItem, loraScale, newTokens, weights }: Learned): Uint8Array {
  const tensors: Record<string, TensorToWrite> = {
    [COUNTS]: { shape: [3], data: Float32Array.of(items, tokensPerItem, loraScale) },
  };
  for (const [encoder, { shape, data }] of newTokens)
    tensors[`${TOKENS}${encoder}`] = { shape, data: data as Float32Array };
  for (const [name, { shape, data }] of weights) tensors[name] = { shape, data: data as Float32Array };
  return inFile((path) => {
    writeSafetensors(path, tensors, { format: 'pt' });
    return readFileSync(path);
  });
}

/** @throws UserError when the bytes are not what `packLearned` made */
export function unpackLearned(bytes: Uint8Array): Learned {
  return inFile((path) => {
    writeFileSync(path, bytes);
    const [newTokens, weights] = [new Map<string, Tensor>(), new Map<string, Tensor>()];
    let counts: ArrayLike<number> | undefined;
    for (const [name, info] of readHeader(path)) {
      const tensor = { shape: info.shape, data: readTensor(info) };
      if (name === COUNTS) counts = tensor.data;
      else if (name.startsWith(TOKENS)) newTokens.set(name.slice(TOKENS.length), tensor);
      else weights.set(name, tensor);
    }
    if (!counts)
      throw new UserError('the learned items of this session are damaged: upload the picture again');
    return { items: counts[0]!, tokensPerItem: counts[1]!, loraScale: counts[2]!, newTokens, weights };
  });
}

/** The reader of safetensors maps files, so bytes pass through one. */
function inFile<T>(work: (path: string) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'dedit-learned-'));
  try {
    return work(join(dir, 'learned.safetensors'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
