import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { fitPicture } from '../../src/bot/fitPicture.js';

const noise = (side: number) =>
  sharp(randomBytes(side * side * 3), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();

describe('fitPicture', () => {
  it('leaves a PNG that fits as it is', async () => {
    const png = await noise(8);
    expect(await fitPicture({ name: 'a.png', png }, png.length)).toEqual({
      name: 'a.png',
      bytes: png,
      type: 'image/png',
    });
  });
  it('makes a JPEG of the same size first, and says so', async () => {
    const png = await noise(128);
    const fitted = await fitPicture({ name: 'a.png', png }, png.length - 1);
    const seen = await sharp(fitted.bytes).metadata();
    expect(fitted).toMatchObject({ name: 'a.jpg', type: 'image/jpeg' });
    expect(fitted.note).toMatch(/^Shown as JPEG: /);
    expect([seen.format, seen.width, seen.height]).toEqual(['jpeg', 128, 128]);
    expect(fitted.bytes.length).toBeLessThan(png.length);
  });
  it('then a smaller one, and says how small', async () => {
    const fitted = await fitPicture({ name: 'a.png', png: await noise(128) }, 4000);
    expect(fitted.bytes.length).toBeLessThanOrEqual(4000);
    expect((await sharp(fitted.bytes).metadata()).width).toBeLessThan(128);
    expect(fitted.note).toMatch(/at \d+ % of its size/);
  });
  it('says when nothing fits', async () => {
    await expect(fitPicture({ name: 'a.png', png: await noise(64) }, 10)).rejects.toThrow(/does not fit/);
  });
});
