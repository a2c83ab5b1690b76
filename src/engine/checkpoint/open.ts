import { existsSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { HostError } from '../errors.js';
import type { Precision } from '../halves.js';
import { DEFAULT_CACHE } from './cache.js';
import { readEmbedding } from './embeddings.js';
import { fewSteps } from './fewSteps.js';
import { type Checkpoint, openFolder, openVae, requireJoined } from './layout.js';
import { type LoraChoice, readLora } from './lora/file.js';
import { withLoras } from './lora/merge.js';
import type { Component } from './lora/names.js';
import type { ComponentWeights } from './weights.js';
import { openSingleFile } from './singleFile/open.js';

export interface OpenOptions {
  readonly cacheDir?: string;
  /** What its models are to compute in; 'full' unless said otherwise. */
  readonly precision?: Precision;
  /** LoRA files of others, added to the weights in this order. */
  readonly loras?: readonly LoraChoice[];
  /** Folder of an autoencoder to use in place of the checkpoint's, as TAESD. */
  readonly vae?: string;
  /** Files of textual inversions, called by name in prompts. */
  readonly embeddings?: readonly string[];
}

/**
 * Opens a checkpoint: a folder in diffusers layout, or one .safetensors file as A1111, ComfyUI and Civitai have them.
 * @throws HostError naming file, field or tensor and what was expected
 */
export function openCheckpoint(path: string, options: OpenOptions = {}): Checkpoint {
  const { cacheDir = DEFAULT_CACHE, precision = 'full', loras = [], vae, embeddings = [] } = options;
  const plain = openPlain(path, cacheDir, precision);
  const checkpoint: Checkpoint = {
    ...sampledAsMade(plain, loras),
    ...(vae ? { vae: openVae(resolve(vae), cacheDir, precision) } : {}),
    embeddings: embeddings.map((file) => readEmbedding(file, plain.textEncoders)),
  };
  if (vae) requireJoined(checkpoint);
  if (loras.length === 0) return checkpoint;
  const { unet, textEncoders } = checkpoint;
  const { layers_per_block: layers } = unet.config;
  const read = loras.map((choice) => ({
    choice,
    updates: readLora(choice, typeof layers === 'number' ? layers : layers[0]!),
  }));
  const added = (weights: ComponentWeights): ComponentWeights =>
    withLoras(weights, weights.component as Component, read, cacheDir);
  return {
    ...checkpoint,
    unet: { ...unet, weights: added(unet.weights) },
    textEncoders: textEncoders.map((encoder) => ({ ...encoder, weights: added(encoder.weights) })),
  };
}

/**
 * The checkpoint with what its makers recommend of its sampling, or those of a LoRA that is added, or what dedit.json says
 * of one that is.
 */
function sampledAsMade(checkpoint: Checkpoint, loras: readonly LoraChoice[]): Checkpoint {
  const { scheduler, recommended: said, names } = checkpoint;
  // a file's name may say nothing (pytorch_lora_weights), and its folder's all
  const added = fewSteps(
    loras.flatMap(({ file }) => [basename(dirname(file)), basename(file)]),
    'lora',
  );
  const recommended = { ...fewSteps(names, 'called'), ...said, ...added };
  const spacing = recommended.timestep_spacing;
  if (scheduler.noise === 'edm' || spacing === undefined) return { ...checkpoint, recommended };
  return { ...checkpoint, recommended, scheduler: { ...scheduler, timestep_spacing: spacing } };
}

function openPlain(path: string, cacheDir: string, precision: Precision): Checkpoint {
  const root = resolve(path);
  if (existsSync(root)) {
    if (statSync(root).isDirectory()) return openFolder(root, cacheDir, precision);
    if (root.endsWith('.safetensors')) return openSingleFile(root, { cacheDir, precision });
  }
  throw new HostError(
    `${path} is no checkpoint: name a folder in diffusers layout, a .safetensors file, or "pocket"`,
  );
}
