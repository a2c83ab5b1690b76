/** CLIP, which holds pictures against words: a checkpoint's own, which names cut-out items, and others' for benchmarks. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../errors.js';
import {
  type CLIPTextConfig,
  clipTextConfig,
  type CLIPVisionConfig,
  clipVisionConfig,
} from './config/clip.js';
import { readJson } from './json.js';
import { imageProcessor, type ImageProcessor } from './imageProcessor.js';
import { loadTokenizer, type Tokenizer } from './tokenizer.js';
import { ComponentWeights } from './weights.js';

/** Something it can tell apart: how it is asked, "a dog", and what people call it, the usual name first. */
export interface Known {
  readonly prompt: string;
  readonly names: readonly string[];
}

/** All that a scorer was taught. */
export interface Vocabulary {
  readonly things: readonly Known[];
  readonly grounds: readonly Known[];
  /** What it says of everything else. */
  readonly unknown: string;
}

/** A CLIPModel: both towers, in one file of weights. */
export interface ClipPart {
  readonly weights: ComponentWeights;
  readonly text: CLIPTextConfig;
  readonly vision: CLIPVisionConfig;
  readonly tokenizer: Tokenizer;
  readonly processor: ImageProcessor;
}

/** A checkpoint's own, in the folder `scorer` beside its UNet, with its vocabulary. */
export interface ScorerPart extends ClipPart {
  readonly vocabulary: Vocabulary;
}

/** Whether the checkpoint in this folder comes with a scorer. */
export const hasScorer = (root: string): boolean => existsSync(join(root, 'scorer', 'config.json'));

/**
 * The scorer of the checkpoint in `root`; undefined when it has none.
 * @throws HostError naming file, field or tensor and what was expected
 */
export function openScorer(root: string, cacheDir: string): ScorerPart | undefined {
  if (!hasScorer(root)) return undefined;
  const folder = join(root, 'scorer');
  return {
    ...openClip(folder, cacheDir, join(root, 'tokenizer')),
    vocabulary: vocabularyIn(join(folder, 'vocabulary.json')),
  };
}

/**
 * A CLIPModel's folder as transformers keeps it (openai/clip-vit-large-patch14).
 * @param tokenizer its folder, where it is another one
 * @throws HostError naming file, field or tensor and what was expected
 */
export function openClip(folder: string, cacheDir: string, tokenizer = folder): ClipPart {
  const file = join(folder, 'config.json');
  const json = readJson(file);
  return {
    weights: ComponentWeights.open(folder, cacheDir),
    text: clipTextConfig(file, json),
    vision: clipVisionConfig(file, json),
    tokenizer: loadTokenizer(tokenizer),
    processor: imageProcessor(join(folder, 'preprocessor_config.json')),
  };
}

function vocabularyIn(file: string): Vocabulary {
  const json = readJson(file);
  const { things, grounds, unknown } = json;
  if (!areKnown(things) || !areKnown(grounds) || typeof unknown !== 'string')
    throw new HostError(`${file} needs things and grounds, each with a prompt and names, and unknown`);
  return { things, grounds, unknown };
}

const areKnown = (list: unknown): list is Known[] =>
  Array.isArray(list) &&
  list.length > 0 &&
  list.every(
    (known: Partial<Known> | null) =>
      typeof known?.prompt === 'string' && Array.isArray(known.names) && known.names.length > 0,
  );
