import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { TextEncoderPart } from '../models/textCondition.js';
import {
  type AutoencoderKLConfig,
  autoencoderConfig,
  clipTextConfig,
  Fields,
  type SchedulerConfig,
  schedulerConfig,
  type UNet2DConditionConfig,
  unetConfig,
} from './config.js';
import { loadTokenizer, type Tokenizer } from './tokenizer.js';
import { ComponentWeights, WEIGHTS_ROOT } from './weights.js';

export interface TextEncoder extends TextEncoderPart {
  readonly weights: ComponentWeights;
  readonly tokenizer: Tokenizer;
}

/** A checkpoint in diffusers layout: SD 1.x, SD 2.x or SDXL, and pocket. */
export interface Checkpoint {
  readonly name: string;
  readonly dir: string;
  readonly weightsRoot: string;
  readonly textEncoders: readonly TextEncoder[];
  readonly unet: { readonly config: UNet2DConditionConfig; readonly weights: ComponentWeights };
  readonly vae: { readonly config: AutoencoderKLConfig; readonly weights: ComponentWeights };
  readonly scheduler: SchedulerConfig;
  /** SDXL was trained with zeros, not with the encoded empty prompt, for "no condition". */
  readonly zerosForEmptyPrompt: boolean;
  /** What its makers recommend, from dedit.json beside model_index.json; empty when there is none. */
  readonly recommended: Recommended;
}

/** Settings a checkpoint may bring along. */
export interface Recommended {
  readonly steps?: number;
  readonly guidance?: number;
  readonly strength?: number;
  readonly association?: {
    readonly steps?: readonly [number, number];
    readonly accumulation?: number;
    readonly batch?: number;
    readonly learningRates?: readonly [number, number];
    readonly tokensPerItem?: number;
  };
}

/** Where half-precision weights are expanded to, unless the caller says otherwise. */
export const DEFAULT_CACHE = join(homedir(), '.cache', 'dedit', 'weights');

/**
 * @param dir the folder with model_index.json
 * @throws UserError naming file, field or tensor and what was expected
 */
export function openCheckpoint(dir: string, { cacheDir = DEFAULT_CACHE } = {}): Checkpoint {
  const root = resolve(dir);
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new UserError(`${dir} is not a folder: name a checkpoint in diffusers layout, or "pocket"`);
  }
  const index = readJson(join(root, 'model_index.json'));
  const has = (part: string): boolean => index[part] !== undefined && existsSync(join(root, part));
  const component = <T>(part: string, parse: (f: Fields) => T) => {
    const file = join(root, part, 'config.json');
    return {
      config: parse(new Fields(file, readJson(file))),
      weights: ComponentWeights.open(join(root, part), cacheDir),
    };
  };
  const textEncoder = (name: TextEncoderPart['name'], tokenizer: string): TextEncoder => ({
    name,
    ...component(name, clipTextConfig),
    tokenizer: loadTokenizer(join(root, tokenizer)),
  });
  const schedulerFile = join(root, 'scheduler', 'scheduler_config.json');
  const recommended = join(root, 'dedit.json');
  return {
    name: basename(root),
    dir: root,
    weightsRoot: WEIGHTS_ROOT,
    textEncoders: [
      textEncoder('text_encoder', 'tokenizer'),
      ...(has('text_encoder_2') ? [textEncoder('text_encoder_2', 'tokenizer_2')] : []),
    ],
    unet: component('unet', unetConfig),
    vae: component('vae', autoencoderConfig),
    scheduler: schedulerConfig(new Fields(schedulerFile, readJson(schedulerFile))),
    zerosForEmptyPrompt: index.force_zeros_for_empty_prompt === true,
    recommended: existsSync(recommended) ? (readJson(recommended) as Recommended) : {},
  };
}

export function readJson(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`${file} is missing: a checkpoint in diffusers layout has it`);
  }
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new UserError(`${file} is not JSON: download it again`);
  }
}
