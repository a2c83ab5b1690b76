import sharp from 'sharp';
import { expect, it } from 'vitest';
import { decodePicture } from '../../src/engine/compositing/decode.js';
import { UserError } from '../../src/engine/errors.js';
import { fuzz, mutate, oneOf } from './harness.js';

const FORMATS = ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif'] as const;

it('whatever the bytes of a picture are, there are pixels or a sentence', async () => {
  const made = sharp({
    create: { width: 48, height: 32, channels: 3, background: { r: 200, g: 90, b: 40 } },
  });
  const pictures = await Promise.all(FORMATS.map((format) => made.clone().toFormat(format).toBuffer()));
  await fuzz('pictures', async (random) => {
    try {
      const { picture } = await decodePicture(mutate(oneOf(random, pictures), random));
      expect(picture.data.length).toBe(picture.width * picture.height * 3);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  });
});
