import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { ClipTextModel } from '../../../src/engine/families/clipTextModel.js';
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

it('new tokens are drawn as the vocabulary is, which is read once', () => {
  const folder = join(temporaryFolder(), 'tiny-sdxl');
  cpSync(join(FIXTURES, 'tiny-sdxl'), folder, { recursive: true });
  const { textEncoders } = openCheckpoint(folder, { cacheDir: temporaryFolder() });
  const text = new ClipTextModel(textEncoders);
  const table = textEncoders[1]!.weights.read('text_model.embeddings.token_embedding.weight');
  const mean = table.reduce((sum, v) => sum + v, 0) / table.length;
  const std = Math.sqrt(table.reduce((sum, v) => sum + (v - mean) ** 2, 0) / table.length);
  const moments = text.tokenMoments('text_encoder_2');
  expect(moments.mean).toBeCloseTo(mean, 9);
  expect(moments.std).toBeCloseTo(std, 9);
  rmSync(folder, { recursive: true });
  expect(text.tokenMoments('text_encoder_2')).toEqual(moments);
});
