import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { FIXTURES, readFixture, relativeError, temporaryFolder } from '../../fixtures.js';

const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });

/** The PyTorch side is training/reference/long_prompt_fixture.py. */
it('reads a long prompt to its end, in windows of what the text encoder takes', async () => {
  const io = readFixture('long-prompt/io.safetensors');
  const windows = io['out.windows']!.data[0]!;
  expect(windows).toBeGreaterThan(2);
  const pipeline = new Pipeline(checkpoint);
  const long = Array(2).fill('a big red apple on the green grass beside a small dog').join(' ');
  const { hidden } = await pipeline.encodePrompts([long, 'a dog']);
  expect(hidden.shape).toEqual([2, windows * 16, 16]);
  expect(relativeError(hidden.data as Float32Array, io['out.hidden']!.data)).toBeLessThan(1e-5);
  // what stands beside it in guidance has as many tokens
  expect((await pipeline.unconditional(windows * 16))!.hidden.shape).toEqual([1, windows * 16, 16]);
});
