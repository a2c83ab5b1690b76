import sharp from 'sharp';
import { expect, it } from 'vitest';
import { cutOut } from '../../../src/bot/web/pictures.js';

it('a cut-out that is downloaded is the item itself, cut to its box, the rest transparent', async () => {
  const [width, height] = [8, 6];
  const at = (i: number) => [i % width, Math.floor(i / width)] as const;
  const pixels = Buffer.from(
    Array.from({ length: width * height }, (_, i) => [at(i)[0] * 10, at(i)[1] * 10, 7]).flat(),
  );
  // an item in the lower right corner, without its first pixel
  const labels = Buffer.from(
    Array.from({ length: width * height }, (_, i) => Number(at(i)[0] >= 5 && at(i)[1] >= 4)),
  ).fill(0, 4 * width + 5, 4 * width + 6);
  const png = (data: Buffer, channels: 1 | 3) =>
    sharp(data, { raw: { width, height, channels } }).png().toBuffer();
  const cut = await cutOut(await png(pixels, 3), await png(labels, 1), 1);
  const { data, info } = await sharp(cut).raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height, info.channels]).toEqual([3, 2, 4]);
  expect([...data.subarray(0, 8)]).toEqual([50, 40, 7, 0, 60, 40, 7, 255]);
  expect([...data.subarray(-4)]).toEqual([70, 50, 7, 255]);
});
