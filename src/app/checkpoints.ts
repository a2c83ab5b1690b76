import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LORA_FILE, type LoraChoice } from '../engine/editor.js';
import { HostError } from '../engine/errors.js';

/** The package's own folder, from src/ and from dist/ alike. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where `dedit pull` puts checkpoints, beside the weights that were expanded. */
const PULLED = join(homedir(), '.cache', 'dedit', 'checkpoints');

/** The folder a pulled checkpoint has: "owner/name" is one name there. */
export const pulledFolder = (name: string): string => join(PULLED, name.replaceAll('/', '--'));

/**
 * The folder or file of a checkpoint named on the command line: one that comes with dedit, one that was pulled, or a path.
 * @throws HostError when there is none
 */
export function resolveCheckpoint(name: string): string {
  for (const dir of [join(PACKAGE_ROOT, 'checkpoints', name), pulledFolder(name), resolve(name)]) {
    if (existsSync(join(dir, 'model_index.json'))) return dir;
  }
  if (name.endsWith('.safetensors') && existsSync(name)) return resolve(name);
  throw new HostError(
    `there is no checkpoint "${name}": name "pocket", one that "dedit pull" brought, a folder in diffusers layout, or a .safetensors file`,
  );
}

/**
 * The folder of a panoptic model: one that was pulled, or a path.
 * @throws HostError when there is none
 */
export function resolveSegmenter(name: string): string {
  for (const dir of [pulledFolder(name), resolve(name)]) if (existsSync(join(dir, 'config.json'))) return dir;
  throw new HostError(
    `there is no segmenter "${name}": say "dedit pull segmenter" first, or name a folder with config.json, preprocessor_config.json and onnx/model.onnx`,
  );
}

/**
 * A LoRA as people name it: FILE, FILE:0.8 for how strongly, or the name of one that was pulled.
 * @throws HostError when there is no such file
 */
export function parseLora(text: string): LoraChoice {
  const [, name = text, amount] = /^(.+?)(?::(-?\d*\.?\d+))?$/.exec(text.trim()) ?? [];
  const pulled = join(pulledFolder(name), LORA_FILE);
  const file = existsSync(pulled) ? pulled : resolve(name);
  if (!existsSync(file))
    throw new HostError(
      `there is no LoRA file ${name}: name a .safetensors file, or one that "dedit pull" brought`,
    );
  return { file, weight: amount === undefined ? 1 : Number(amount) };
}

/**
 * The LoRAs that a setting, "FILE[:weight], CHECKPOINT=FILE[:weight]", names for a checkpoint.
 * @throws HostError when there is no such file
 */
export const lorasFor = (checkpoint: string, setting: string | undefined): LoraChoice[] =>
  entriesFor(checkpoint, setting).map(parseLora);

/** A textual inversion's file. @throws HostError when there is none */
export function parseEmbedding(text: string): string {
  const file = text.trim();
  if (!existsSync(file)) throw new HostError(`there is no embedding ${file}: name a .safetensors file`);
  return resolve(file);
}

/**
 * The textual inversions that a setting, "FILE, CHECKPOINT=FILE", names for a checkpoint.
 * @throws HostError when there is no such file
 */
export const embeddingsFor = (checkpoint: string, setting: string | undefined): string[] =>
  entriesFor(checkpoint, setting).map(parseEmbedding);

/**
 * The autoencoder that a setting, "DIR" or "CHECKPOINT=DIR, ...", puts in the place of a checkpoint's own.
 * @throws HostError when there is no such folder
 */
export function vaeFor(checkpoint: string, setting: string | undefined): string | undefined {
  const vae = entriesFor(checkpoint, setting).at(-1);
  return vae === undefined ? undefined : parseVae(vae);
}

/** The folder of an autoencoder: one that was pulled, or a path. @throws HostError when there is none */
export function parseVae(name: string): string {
  for (const dir of [pulledFolder(name), resolve(name)]) if (existsSync(join(dir, 'config.json'))) return dir;
  throw new HostError(
    `there is no autoencoder in ${name}: name a folder with its config.json and weights, or one that "dedit pull" brought`,
  );
}

/** Of "VALUE, CHECKPOINT=VALUE, ..." what is for all checkpoints or for this one. */
const entriesFor = (checkpoint: string, setting = ''): string[] =>
  setting
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .flatMap((entry) => {
      const [, only, value] = /^(?:([^=]+)=)?(.+)$/.exec(entry)!;
      return only === undefined || only.trim() === checkpoint ? [value!] : [];
    });
