import { z } from 'zod';
import { LORA_LAYERS, METHODS } from '../../families/family.js';
import { count, type Json, number, oneOf, pair, read } from './fields.js';
import { SAMPLER_NAMES } from './sampler.js';
import { SPACINGS } from './scheduler.js';

/** What stands in dedit.json, settings that a checkpoint brings along: all of it may be left out. */
const recommended = z.object({
  steps: count(1000).exactOptional(),
  guidance: number([0, 100]).exactOptional(),
  /** Where all that is drawn was learned, and nothing is told by words. */
  learnedGuidance: number([0, 100]).exactOptional(),
  strength: number([0, 1]).exactOptional(),
  sampler: oneOf(SAMPLER_NAMES).exactOptional(),
  /** How often something new is drawn at most until the checkpoint's scorer recognises it. */
  tries: count(100).exactOptional(),
  /** Around something new: drawn along with it, or completed from the picture's pixels. Measured where nothing is said. */
  ground: oneOf(['drawn', 'completed']).exactOptional(),
  /** In place of the scheduler's, as few-step checkpoints want it. */
  timestep_spacing: oneOf(SPACINGS).exactOptional(),
  association: z
    .object(
      {
        steps: pair([0, 100_000]).exactOptional(),
        accumulation: count(1000).exactOptional(),
        batch: count(1000).exactOptional(),
        learningRates: pair([0, 1]).exactOptional(),
        tokensPerItem: count(100).exactOptional(),
        itemWeight: number([1, 100]).exactOptional(),
        method: oneOf(METHODS).exactOptional(),
        rank: count(1000).exactOptional(),
        layers: oneOf(LORA_LAYERS).exactOptional(),
        alpha: number([0, 1000]).exactOptional(),
      },
      'an object',
    )
    .exactOptional(),
});

export type Recommended = Readonly<z.infer<typeof recommended>>;

/** @throws HostError naming the field */
export const recommendedOf = (file: string, json: Json): Recommended => read(file, json, recommended);
