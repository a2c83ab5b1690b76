import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openCheckpoint } from '../../../src/engine/checkpoint/open.js';
import { Pipeline, type Predictor } from '../../../src/engine/diffusion/pipeline.js';
import { Witness } from '../../../src/engine/editing/evidence.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

const checkpoint = openCheckpoint(join(FIXTURES, 'tiny-sd'), { cacheDir: temporaryFolder() });
const [width, height] = [64, 64];
const picture = { width, height, data: new Uint8Array(width * height * 3).fill(120) };
const labels = { width, height, data: new Uint8Array(width * height) };

it('a witness that fails once lets go of what it held, and answers when it is asked again', async () => {
  const pipeline = new Pipeline(checkpoint);
  vi.spyOn(pipeline, 'encodePicture').mockRejectedValueOnce(new Error('no memory'));
  const release = vi.fn();
  const failing = Object.assign(async () => Promise.reject(new Error('the device is lost')), { release });
  vi.spyOn(pipeline, 'predictor').mockResolvedValueOnce(failing as unknown as Predictor);
  const witness = new Witness(pipeline, picture, [0.4]);
  await expect(witness.evidence(labels, ['a cat'])).rejects.toThrow('no memory');
  await expect(witness.evidence(labels, ['a cat'])).rejects.toThrow('the device is lost');
  expect(release).toHaveBeenCalledOnce();
  await expect(witness.evidence(labels, ['a cat'])).resolves.toHaveLength(1);
});
