import { z } from 'zod';
import { numbers, read, requireOnly } from './config/fields.js';
import { readJson } from './json.js';

/** What transformers' CLIPImageProcessor makes of a picture before the vision tower sees it. */
export interface ImageProcessor {
  /** Red, green and blue, of values in 0–1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** CLIP's own (openai/CLIP, clip.py) is what files without these fields mean. */
const processor = z.object({
  image_mean: numbers(3).default([0.48145466, 0.4578275, 0.40821073]),
  image_std: numbers(3).default([0.26862954, 0.26130258, 0.27577711]),
});

/** @throws HostError naming file and field */
export function imageProcessor(file: string): ImageProcessor {
  const json = readJson(file);
  requireOnly(file, json, {
    image_processor_type: ['CLIPImageProcessor', 'CLIPImageProcessorPil', 'CLIPImageProcessorFast'],
    feature_extractor_type: ['CLIPFeatureExtractor'],
    do_normalize: [true],
    do_resize: [true],
  });
  const { image_mean: mean, image_std: std } = read(file, json, processor);
  return { mean, std };
}
