import { Fields } from './fields.js';
import { readJson } from './json.js';

/** What transformers' CLIPImageProcessor makes of a picture before the vision tower sees it. */
export interface ImageProcessor {
  /** Red, green and blue, of values in 0–1. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** CLIP's own (openai/CLIP, clip.py), which is what files without these fields mean. */
const MEAN = [0.48145466, 0.4578275, 0.40821073];
const STD = [0.26862954, 0.26130258, 0.27577711];

/** @throws UserError naming file and field */
export function imageProcessor(file: string): ImageProcessor {
  const fields = new Fields(file, readJson(file));
  fields.only({
    image_processor_type: ['CLIPImageProcessor', 'CLIPImageProcessorPil', 'CLIPImageProcessorFast'],
    feature_extractor_type: ['CLIPFeatureExtractor'],
    do_normalize: [true],
    do_resize: [true],
  });
  return { mean: fields.numbers('image_mean', 3, MEAN), std: fields.numbers('image_std', 3, STD) };
}
