import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  decodeLabels,
  decodeMask,
  decodePicture,
  encodeLabels,
  encodeMask,
  encodePng,
} from '../../../src/engine/compositing/decode.js';
import { UserError } from '../../../src/engine/errors.js';
import type { Raster } from '../../../src/engine/raster.js';

/** A red left half and a blue right half, 40x20. */
function halves(width = 40, height = 20): Raster {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data[i * 3 + (i % width < width / 2 ? 0 : 2)] = 255;
  return { width, height, data };
}

function image({ width, height, data } = halves()): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

function pixel({ width, data }: Raster, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

function near(found: number[], wanted: number[], tolerance = 12): void {
  found.forEach((value, c) => {
    expect(Math.abs(value - wanted[c]!)).toBeLessThanOrEqual(tolerance);
  });
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(UserError);
  expect(error.message).not.toMatch(/\n/);
  return error.message;
}

/** A PNG header that claims a size, with nothing behind it. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(type), data, crc(Buffer.concat([Buffer.from(type), data]))]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const body = deflateSync(Buffer.alloc(10));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', body),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function crc(bytes: Buffer): Buffer {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let k = 0; k < 8; k++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  const out = Buffer.alloc(4);
  out.writeUInt32BE((value ^ 0xffffffff) >>> 0);
  return out;
}

describe('pictures that are read', () => {
  it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)('%s', async (format) => {
    const { picture, alpha } = await decodePicture(await image().toFormat(format).toBuffer());
    expect([picture.width, picture.height]).toEqual([40, 20]);
    expect(alpha).toBeUndefined();
    near(pixel(picture, 5, 10), [255, 0, 0]);
    near(pixel(picture, 35, 10), [0, 0, 255]);
  });

  it('a PNG comes back byte for byte', async () => {
    const { picture } = await decodePicture(await encodePng(halves()));
    expect(Buffer.from(picture.data).equals(halves().data)).toBe(true);
  });

  it('turned by EXIF', async () => {
    const turned = await image().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { picture } = await decodePicture(turned);
    expect([picture.width, picture.height]).toEqual([20, 40]);
    near(pixel(picture, 10, 5), [255, 0, 0]);
    near(pixel(picture, 10, 35), [0, 0, 255]);
  });

  it('grey, 16 bits, CMYK, palette', async () => {
    const grey = await decodePicture(await image().greyscale().png().toBuffer());
    const [r, g, b] = pixel(grey.picture, 5, 10);
    expect(r === g && g === b).toBe(true);
    const deep = await decodePicture(await image().toColourspace('rgb16').png().toBuffer());
    near(pixel(deep.picture, 35, 10), [0, 0, 255], 1);
    const greyDeep = await decodePicture(await image().greyscale().toColourspace('grey16').png().toBuffer());
    near(pixel(greyDeep.picture, 5, 10), pixel(grey.picture, 5, 10), 1);
    const print = await decodePicture(await image().toColourspace('cmyk').jpeg().toBuffer());
    expect(pixel(print.picture, 5, 10)[0]).toBeGreaterThan(180);
    expect(pixel(print.picture, 35, 10)[2]).toBeGreaterThan(100);
    const palette = await decodePicture(await image().png({ palette: true }).toBuffer());
    near(pixel(palette.picture, 5, 10), [255, 0, 0]);
  });

  it('the first frame of an animation', async () => {
    const frames = await sharp([await image().png().toBuffer(), await image().negate().png().toBuffer()], {
      join: { animated: true },
    })
      .gif()
      .toBuffer();
    expect((await sharp(frames, { pages: -1 }).metadata()).pages).toBe(2);
    const { picture } = await decodePicture(frames);
    expect(picture.height).toBe(20);
    near(pixel(picture, 5, 10), [255, 0, 0]);
  });

  it('transparency lies over white, and is told', async () => {
    const clear = await sharp({
      create: { width: 20, height: 20, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0.5 } },
    })
      .png()
      .toBuffer();
    const { picture, alpha } = await decodePicture(clear);
    near(pixel(picture, 3, 3), [255, 127, 127], 2);
    expect(Math.abs(alpha![0]! - 128)).toBeLessThanOrEqual(1);
  });
});

describe('pictures that are refused in one line', () => {
  const limits = 'send a smaller one';

  it('empty, text, SVG, PDF, HEIC, video, BMP', async () => {
    expect(await refusal(decodePicture(new Uint8Array()))).toMatch(/empty: send a JPEG/);
    expect(await refusal(decodePicture(Buffer.from('hello, I am no picture')))).toMatch(/not a picture/);
    const svg = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>';
    expect(await refusal(decodePicture(Buffer.from(svg)))).toMatch(/^SVG files cannot be read/);
    expect(await refusal(decodePicture(Buffer.from('%PDF-1.7 ...')))).toMatch(/^PDF files/);
    const iso = (brand: string) => Buffer.from(`\0\0\0\x18ftyp${brand}\0\0\0\0mif1${brand}`, 'latin1');
    expect(await refusal(decodePicture(iso('heic')))).toMatch(/^HEIC files/);
    expect(await refusal(decodePicture(Buffer.from('\0\0\0\x14ftypisom\0\0\0\0mp42', 'latin1')))).toMatch(
      /^video/,
    );
    expect(await refusal(decodePicture(Buffer.from(`BM${'\0'.repeat(60)}`)))).toMatch(/^BMP files/);
  });

  it('too small', async () => {
    const dot = await image(halves(1, 1)).png().toBuffer();
    expect(await refusal(decodePicture(dot))).toMatch(/too small \(1x1\): send a picture at least 16 pixels/);
    const thin = await image(halves(300, 15)).jpeg().toBuffer();
    expect(await refusal(decodePicture(thin))).toMatch(/too small \(300x15\)/);
    const least = await image(halves(16, 16)).png().toBuffer();
    await expect(decodePicture(least)).resolves.toBeDefined();
  });

  it('too large, before a pixel is decoded', async () => {
    const started = process.cpuUsage();
    const message = await refusal(decodePicture(hugePng(20000, 20000)));
    expect(message).toContain('20000x20000');
    expect(message).toContain('50 megapixels');
    expect(message).toContain(limits);
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(500);
  });

  it('too many bytes', async () => {
    const heavy = new Uint8Array(64 * 1024 * 1024 + 1);
    expect(await refusal(decodePicture(heavy))).toMatch(/64 MiB: send a smaller one/);
  });

  it('truncated or damaged', async () => {
    const noise = sharp({
      create: {
        width: 200,
        height: 200,
        channels: 3,
        background: '#808080',
        noise: { type: 'gaussian', mean: 128, sigma: 40 },
      },
    });
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const whole = await noise.clone().toFormat(format).toBuffer();
      expect(await refusal(decodePicture(whole.subarray(0, whole.length >> 1)))).toMatch(
        /damaged or cut off/,
      );
      expect(await refusal(decodePicture(whole.subarray(0, 20)))).toMatch(/damaged|not a picture|small/);
    }
  });

  describe('files', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'dedit-decode-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it('missing, folders, and content against the name', async () => {
      expect(await refusal(decodePicture(join(folder, 'no.png')))).toMatch(/no such file/);
      expect(await refusal(decodePicture(folder))).toMatch(/is a folder/);
      const path = join(folder, 'really-a-jpeg.png');
      writeFileSync(path, await image().jpeg().toBuffer());
      expect((await decodePicture(path)).picture.width).toBe(40);
    });
  });
});

describe('label maps and masks as files', () => {
  const labels = { width: 17, height: 16, data: Uint8Array.from({ length: 17 * 16 }, (_, i) => i % 7) };

  it('come back as they were', async () => {
    const png = await encodeLabels(labels);
    expect((await sharp(png).metadata()).channels).toBe(1);
    const back = await decodeLabels(png, labels);
    expect([...back.data]).toEqual([...labels.data]);
    const mask = { ...labels, data: labels.data.map((value) => value & 1) };
    expect([...(await decodeMask(await encodeMask(mask), labels)).data]).toEqual([...mask.data]);
  });

  it('a grey picture saved as RGB still is a label map', async () => {
    const png = await sharp(await encodeLabels(labels))
      .toColourspace('srgb')
      .png()
      .toBuffer();
    expect([...(await decodeLabels(png, labels)).data]).toEqual([...labels.data]);
  });

  it('refuses another size, colours, 16 bits, other formats', async () => {
    const png = await encodeLabels(labels);
    expect(await refusal(decodeLabels(png, { width: 20, height: 16 }))).toMatch(/17x16.*20x16/);
    expect(await refusal(decodeMask(png, { width: 20, height: 16 }))).toMatch(/the mask is 17x16/);
    expect(await refusal(decodeLabels(await image().png().toBuffer(), halves()))).toMatch(/has colours/);
    const deep = await image().greyscale().toColourspace('grey16').png().toBuffer();
    expect(await refusal(decodeLabels(deep, halves()))).toMatch(/16 bits/);
    expect(await refusal(decodeLabels(await image().jpeg().toBuffer(), halves()))).toMatch(/not a PNG/);
    expect(await refusal(decodeLabels(new Uint8Array(), halves()))).toMatch(/empty/);
  });
});

it('strips longer than 20 to 1 are refused from the header alone, one of 20 to 1 is read', async () => {
  const strip = async (width: number, height: number) =>
    await sharp({ create: { width, height, channels: 3, background: 'white' } })
      .png()
      .toBuffer();
  const absurd = await strip(3_000_000, 16);
  expect(absurd.length).toBeLessThan(200_000);
  expect(await refusal(decodePicture(absurd))).toContain('3000000x16, longer than 20 to 1: cut out the part');
  expect(await refusal(decodePicture(await strip(20, 401)))).toContain('longer than 20 to 1');
  expect((await decodePicture(await strip(400, 20))).picture.width).toBe(400);
});

it('a JPEG that was cut off behind its header is damaged, no grey picture', async () => {
  for (const progressive of [false, true]) {
    const whole = await image(halves(400, 300)).jpeg({ progressive }).toBuffer();
    expect((await decodePicture(whole)).picture.width).toBe(400);
    const scan = whole.indexOf(Buffer.from([0xff, 0xda]));
    for (const length of [scan, scan + 14, scan + 20])
      expect(await refusal(decodePicture(whole.subarray(0, length))), `${length}`).toContain(
        'damaged or cut off',
      );
  }
});
