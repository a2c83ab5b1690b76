import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

/** Made by tiny_sdxl() of training/reference/fixtures.py; both files name their tensors `text_model.…`, as real ones do. */
it("SDXL's two text encoders do not take each other's weights", async () => {
  const io = readFixture('tiny-sdxl/io.safetensors');
  const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sdxl'), { cacheDir: temporaryFolder() });
  const prompts = ['green grass', 'a dog', 'a red apple'];
  const { hidden, pooled } = await new Pipeline(checkpoint).encodePrompts(prompts);
  expect(relativeError(hidden.data as Float32Array, io['out.hidden']!.data)).toBeLessThan(1e-5);
  expect(relativeError(pooled!.data as Float32Array, io['out.pooled']!.data)).toBeLessThan(1e-5);
});
