import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../../src/engine/compositing/png.js';

/** Grain, a ramp and flat colour. */
function picture(width: number, height: number) {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const x = Math.floor(i / 3) % width;
    data[i] = x % 3 === 0 ? (i * 7919) % 251 : x % 3 === 1 ? i % 256 : 255;
  }
  return { width, height, data };
}

describe('a PNG', () => {
  it.each([
    [1, 1],
    [37, 1],
    [1, 300],
    [640, 427],
    // several strips, the last one shorter
    [1200, 800],
  ])('of %ix%i pixels holds them all', async (width, height) => {
    const made = picture(width, height);
    const { data, info } = await sharp(await encodePng(made), { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width, height, channels: 3 });
    expect(Buffer.compare(data, made.data)).toBe(0);
  });

  it('is hardly larger than libpng makes it', async () => {
    const { data, info } = await sharp('examples/astronaut.jpg').raw().toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const theirs = await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 3, adaptiveFiltering: true })
      .toBuffer();
    expect((await encodePng({ width, height, data })).length).toBeLessThan(1.05 * theirs.length);
  });

  it('is refused for pixels that are not as many as it claims', async () => {
    await expect(encodePng({ width: 3, height: 2, data: new Uint8Array(17) })).rejects.toThrow(/3x2/);
  });
});
