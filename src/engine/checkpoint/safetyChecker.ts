/** diffusers' StableDiffusionSafetyChecker, in the folder `safety_checker` of SD 1.x and its kin. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type CLIPVisionConfig, clipVisionConfig } from './config/clip.js';
import { imageProcessor, type ImageProcessor } from './imageProcessor.js';
import { readJson } from './json.js';
import { ComponentWeights } from './weights.js';

export interface SafetyCheckerPart {
  readonly weights: ComponentWeights;
  readonly vision: CLIPVisionConfig;
  readonly processor: ImageProcessor;
}

/**
 * The safety checker of the checkpoint in `root`; undefined when it has none.
 * @throws HostError naming file, field or tensor and what was expected
 */
export function openSafetyChecker(root: string, cacheDir: string): SafetyCheckerPart | undefined {
  const folder = join(root, 'safety_checker');
  const file = join(folder, 'config.json');
  if (!existsSync(file)) return undefined;
  return {
    weights: ComponentWeights.open(folder, cacheDir),
    vision: clipVisionConfig(file, readJson(file)),
    processor: imageProcessor(join(root, 'feature_extractor', 'preprocessor_config.json')),
  };
}
