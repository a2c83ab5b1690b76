import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { HostError } from '../errors.js';
import {
  autoencoderConfig,
  type AutoencoderKLConfig,
  type AutoencoderTinyConfig,
  autoencoderTinyConfig,
} from './config/autoencoder.js';
import { clipTextConfig } from './config/clip.js';
import type { Json } from './config/fields.js';
import { type Recommended, recommendedOf } from './config/recommended.js';
import { type SchedulerConfig, schedulerConfig } from './config/scheduler.js';
import { type UNet2DConditionConfig, unetConfig } from './config/unet.js';
import type { Precision } from '../halves.js';
import type { Embedding } from './embeddings.js';
import { readJson } from './json.js';
import { openSafetyChecker, type SafetyCheckerPart } from './safetyChecker.js';
import { openScorer, type ScorerPart } from './scorer.js';
import type { TextEncoderPart } from './source.js';
import { loadTokenizer, type Tokenizer } from './tokenizer.js';
import { ComponentWeights, WEIGHTS_ROOT } from './weights.js';

export interface TextEncoder extends TextEncoderPart {
  readonly weights: ComponentWeights;
  readonly tokenizer: Tokenizer;
}

/** An autoencoder of one of the classes that the engine builds, with its config. */
export type Vae = { readonly weights: ComponentWeights } & (
  | { readonly class_name: 'AutoencoderKL'; readonly config: AutoencoderKLConfig }
  | { readonly class_name: 'AutoencoderTiny'; readonly config: AutoencoderTinyConfig }
);

/** A checkpoint in diffusers layout: SD 1.x, SD 2.x or SDXL, and pocket. */
export interface Checkpoint {
  readonly name: string;
  /** What it is called, by its folder or file and by itself: names say of few-step checkpoints that they are. */
  readonly names: readonly string[];
  readonly dir: string;
  readonly weightsRoot: string;
  readonly textEncoders: readonly TextEncoder[];
  readonly unet: { readonly config: UNet2DConditionConfig; readonly weights: ComponentWeights };
  readonly vae: Vae;
  readonly scheduler: SchedulerConfig;
  /** Names in prompts that stand for rows of token embeddings. */
  readonly embeddings?: readonly Embedding[];
  /** SDXL was trained with zeros, not with the encoded empty prompt, for "no condition". */
  readonly zerosForEmptyPrompt: boolean;
  /** What its makers recommend, from dedit.json beside model_index.json, or FILE.dedit.json beside FILE.safetensors; empty when there is none. */
  readonly recommended: Recommended;
  /** What names cut-out items, where it comes with that. */
  readonly scorer?: ScorerPart | undefined;
  /** What flags drawings that its makers do not want, where it comes with that. */
  readonly safetyChecker?: SafetyCheckerPart | undefined;
}

/**
 * A checkpoint in diffusers layout.
 * @param root the folder with model_index.json
 * @param precision what its text encoders, its UNet and, as far as it bears that, its autoencoder are to be
 * @throws HostError naming file, field or tensor and what was expected
 */
export function openFolder(root: string, cacheDir: string, precision: Precision = 'full'): Checkpoint {
  const index = readJson(join(root, 'model_index.json'));
  const declared = requireClasses(join(root, 'model_index.json'), index);
  const component = <T>(part: string, parse: (file: string, json: Json) => T) => {
    const file = join(root, part, 'config.json');
    return {
      config: parse(file, readJson(file)),
      weights: ComponentWeights.open(join(root, part), cacheDir, precision),
    };
  };
  const textEncoder = (name: TextEncoderPart['name'], tokenizer: string): TextEncoder => ({
    name,
    ...component(name, clipTextConfig),
    tokenizer: loadTokenizer(join(root, tokenizer)),
  });
  const schedulerFile = join(root, 'scheduler', 'scheduler_config.json');
  const checkpoint: Checkpoint = {
    name: basename(root),
    names: [index._name_or_path, basename(root)].filter((name) => typeof name === 'string'),
    dir: root,
    weightsRoot: WEIGHTS_ROOT,
    textEncoders: [
      textEncoder('text_encoder', 'tokenizer'),
      ...(declared.has('text_encoder_2') ? [textEncoder('text_encoder_2', 'tokenizer_2')] : []),
    ],
    unet: component('unet', unetConfig),
    vae: openVae(join(root, 'vae'), cacheDir, precision),
    scheduler: schedulerConfig(schedulerFile, readJson(schedulerFile)),
    zerosForEmptyPrompt: index.force_zeros_for_empty_prompt === true,
    recommended: recommendedBy(join(root, 'dedit.json')),
    scorer: openScorer(root, cacheDir),
    safetyChecker: openSafetyChecker(root, cacheDir),
  };
  requireJoined(checkpoint);
  return checkpoint;
}

/**
 * The autoencoder in a folder of its own: a checkpoint's, or one that replaces it (TAESD, SDXL's fix for halves).
 * @throws HostError naming file, field or tensor and what was expected
 */
export function openVae(folder: string, cacheDir: string, precision: Precision = 'full'): Vae {
  const file = join(folder, 'config.json');
  const json = readJson(file);
  if (json._class_name === 'AutoencoderTiny')
    return {
      class_name: 'AutoencoderTiny',
      config: autoencoderTinyConfig(file, json),
      weights: ComponentWeights.open(folder, cacheDir, precision),
    };
  const config = autoencoderConfig(file, json);
  const weights = ComponentWeights.open(folder, cacheDir, precisionOfVae(config, precision));
  return { class_name: 'AutoencoderKL', config, weights };
}

/** Autoencoders stay in float32 unless they were made for halves: activations of SDXL's own leave their range. */
export const precisionOfVae = ({ force_upcast }: AutoencoderKLConfig, precision: Precision): Precision =>
  force_upcast ? 'full' : precision;

/** What a dedit.json says, where there is one. @throws HostError naming the field */
export const recommendedBy = (file: string): Recommended =>
  existsSync(file) ? recommendedOf(file, readJson(file)) : {};

/** Parts by the classes of diffusers and transformers that the engine builds. */
const CLASSES: Readonly<Record<string, readonly string[]>> = {
  unet: ['UNet2DConditionModel'],
  vae: ['AutoencoderKL', 'AutoencoderTiny'],
  text_encoder: ['CLIPTextModel', 'CLIPTextModelWithProjection'],
  text_encoder_2: ['CLIPTextModelWithProjection'],
};

/** The parts that model_index.json lists as [library, class]; a part left out is [null, null] or not there. */
function requireClasses(file: string, index: Readonly<Record<string, unknown>>): Set<string> {
  const declared = new Set<string>();
  for (const [part, known] of Object.entries(CLASSES)) {
    const entry = index[part];
    const name: unknown = Array.isArray(entry) ? entry[1] : undefined;
    if ((name ?? null) === null && part === 'text_encoder_2') continue;
    if (!known.includes(name as string)) {
      const found = JSON.stringify(entry) ?? 'missing';
      throw new HostError(
        `${file}: ${part} is ${found}, but dedit supports ${known.join(' or ')} (SD 1.x, SD 2.x, SDXL)`,
      );
    }
    declared.add(part);
  }
  return declared;
}

/** Parts that are each sound may still not belong to one model: SDXL's refiner, mixed folders. */
export function requireJoined({ dir, textEncoders, unet, vae }: Checkpoint): void {
  const { in_channels, out_channels, cross_attention_dim, addition_embed_type } = unet.config;
  const file = join(dir, 'unet', 'config.json');
  const requireEqual = (name: string, found: number, what: string, wanted: number): void => {
    if (found !== wanted)
      throw new HostError(`${file}: ${name} is ${found}, but ${what} is ${wanted}: dedit needs them equal`);
  };
  const { latent_channels: latents } = vae.config;
  // inpainting UNets take the noisy latents, the hole and the latents of the picture without it
  if (in_channels !== 2 * latents + 1)
    requireEqual('in_channels', in_channels, "the VAE's latent_channels", latents);
  requireEqual('out_channels', out_channels, "the VAE's latent_channels", latents);
  const width = textEncoders.reduce((sum, { config }) => sum + config.hidden_size, 0);
  requireEqual('cross_attention_dim', cross_attention_dim, "the text encoders' hidden_size", width);
  const textTime = addition_embed_type === 'text_time';
  if (textTime !== textEncoders.length > 1) {
    const found = textTime ? '"text_time"' : 'null';
    throw new HostError(
      `${file}: addition_embed_type is ${found}, but there is ${textTime ? 'no' : 'a'} text_encoder_2`,
    );
  }
  if (textTime) {
    const joined = textEncoders[1]!.config.projection_dim + 6 * unet.config.addition_time_embed_dim!;
    const name = 'projection_class_embeddings_input_dim';
    requireEqual(name, unet.config[name]!, "text_encoder_2's projection_dim and six time embeddings", joined);
  }
  for (const { name, config, tokenizer } of textEncoders) {
    if (tokenizer.length > config.vocab_size) {
      throw new HostError(
        `${join(dir, name, 'config.json')}: vocab_size is ${config.vocab_size}, but its tokenizer has ${tokenizer.length} tokens`,
      );
    }
  }
}
