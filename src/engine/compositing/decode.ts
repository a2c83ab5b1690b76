/** Pictures and label maps in and out of files. Everything a person may send comes through here. */
import { open } from 'node:fs/promises';
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { UserError } from '../errors.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { isReadable, sniffFormat } from './sniff.js';

export const MAX_BYTES = 64 * 1024 * 1024;
export const MAX_PIXELS = 50_000_000;
export const MIN_SIDE = 16;
/** The longer side over the shorter: attention grows with the square of a model's frame, which keeps the picture's shape. */
export const MAX_ASPECT = 20;

export interface DecodedPicture {
  /** Transparent parts lie over white. */
  readonly picture: Raster;
  /** One byte a pixel, 255 opaque; absent when every pixel is opaque. */
  readonly alpha?: Uint8Array;
}

/** Decodes a picture, from bytes or from a file: upright, 8-bit sRGB, the first frame of an animation. */
export async function decodePicture(source: Uint8Array | string): Promise<DecodedPicture> {
  const bytes = typeof source === 'string' ? await readLimited(source) : source;
  await checkPicture(bytes);
  const { data, info } = await readPixels(
    sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' }).autoOrient().toColourspace('srgb'),
  );
  const { width, height, channels } = info;
  return flattenOverWhite(data, width, height, channels);
}

/** A black-and-white mask picture of the expected size; light pixels are inside. */
export async function decodeMask(
  bytes: Uint8Array,
  expected: { width: number; height: number },
): Promise<Mask> {
  const { picture } = await decodePicture(bytes);
  const { width, height, data } = picture;
  requireSize('mask', picture, expected);
  const mask = new Uint8Array(width * height);
  for (let i = 0; i < mask.length; i++) {
    if (data[i * 3]! + data[i * 3 + 1]! + data[i * 3 + 2]! >= 3 * 128) mask[i] = 1;
  }
  return { width, height, data: mask };
}

/**
 * A label map as `encodeLabels` writes it: an 8-bit grey PNG whose values are the labels, 0-based.
 * @param expected the picture's size, where it is known; any size otherwise
 */
export async function decodeLabels(
  bytes: Uint8Array,
  expected?: { width: number; height: number },
): Promise<LabelMap> {
  if (bytes.length > 0 && sniffFormat(bytes) !== 'PNG') {
    throw new UserError(
      'the label map is not a PNG: send an 8-bit grey PNG whose values are the item labels',
    );
  }
  const { width, height, depth, isGrey } = await checkPicture(bytes);
  if (expected) requireSize('label map', { width, height }, expected);
  if (depth === 'ushort') {
    throw new UserError('the label map has 16 bits a pixel: save it as an 8-bit grey PNG');
  }
  const image = sharp(bytes, {
    limitInputPixels: MAX_PIXELS,
    failOn: 'error',
    ignoreIcc: true,
  }).removeAlpha();
  const { data, info } = await readPixels(isGrey ? image.toColourspace('b-w') : image);
  if (info.channels === 1) return { width, height, data };
  const labels = new Uint8Array(width * height);
  for (let i = 0; i < labels.length; i++) {
    const value = data[i * info.channels]!;
    for (let c = 1; c < info.channels; c++) {
      if (data[i * info.channels + c] === value) continue;
      throw new UserError(
        'the label map has colours: save it as an 8-bit grey PNG whose values are the labels',
      );
    }
    labels[i] = value;
  }
  return { width, height, data: labels };
}

export function encodePng(picture: Raster): Promise<Buffer> {
  const { width, height, data } = picture;
  return (
    sharp(data, { raw: { width, height, channels: 3 } })
      // filtered, a photograph takes half the bytes at a fifth more time; more effort saves little
      .png({ compressionLevel: 2, adaptiveFiltering: true })
      .toBuffer()
  );
}

/** The label map as an 8-bit grey PNG, value = label. */
export function encodeLabels(labels: LabelMap): Promise<Buffer> {
  return encodeGrey(labels, labels.data);
}

/** The mask as a black-and-white PNG: 255 inside. */
export function encodeMask(mask: Mask): Promise<Buffer> {
  return encodeGrey(
    mask,
    mask.data.map((value) => (value ? 255 : 0)),
  );
}

function encodeGrey(size: { width: number; height: number }, data: Uint8Array): Promise<Buffer> {
  const raw = { width: size.width, height: size.height, channels: 1 } as const;
  return sharp(data, { raw }).toColourspace('b-w').png().toBuffer();
}

/** Reads at most MAX_BYTES, so that a huge file costs nothing. */
async function readLimited(path: string): Promise<Uint8Array> {
  try {
    const file = await open(path);
    try {
      const stat = await file.stat();
      if (stat.isDirectory()) throw new UserError(`${path} is a folder: name a picture file`);
      if (stat.size > MAX_BYTES) throw tooManyBytes(stat.size);
      return await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    const what = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    throw new UserError(`${path}: ${what}: check the name and its permissions`);
  }
}

/** Refuses what is no picture, too large or too small, from the header alone. */
async function checkPicture(
  bytes: Uint8Array,
): Promise<{ width: number; height: number; depth: string | undefined; isGrey: boolean }> {
  if (bytes.length === 0) throw new UserError('the file is empty: send a JPEG, PNG, WebP or GIF picture');
  if (bytes.length > MAX_BYTES) throw tooManyBytes(bytes.length);
  const format = sniffFormat(bytes);
  if (format === undefined) {
    throw new UserError('the file is not a picture: send a JPEG, PNG, WebP or GIF');
  }
  if (!isReadable(format)) {
    throw new UserError(`${format} files cannot be read here: send the picture as JPEG, PNG, WebP or GIF`);
  }
  // The header may claim any size: only metadata is read here, without the limit, so that the refusal can name it.
  const meta = await sharp(bytes, { limitInputPixels: false, failOn: 'none' })
    .metadata()
    .catch(() => undefined);
  if (!meta?.width || !meta.height) throw damaged();
  const { width, height } = meta;
  if (width * height > MAX_PIXELS) {
    throw new UserError(
      `the picture is ${width}x${height} pixels, more than the limit of ${MAX_PIXELS / 1e6} megapixels: send a smaller one`,
    );
  }
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw new UserError(
      `the picture is too small (${width}x${height}): send a picture at least ${MIN_SIDE} pixels on each side`,
    );
  }
  if (Math.max(width, height) > MAX_ASPECT * Math.min(width, height)) {
    throw new UserError(
      `the picture is ${width}x${height}, longer than ${MAX_ASPECT} to 1: cut out the part that you want to change and send that`,
    );
  }
  if (format === 'JPEG' && !hasScan(bytes)) throw damaged();
  return { width, height, depth: meta.depth, isGrey: meta.space === 'b-w' };
}

/**
 * Whether a JPEG ends as one (ITU T.81, B.1.1.3: SOS begins a scan, EOI ends the picture). Of one that was cut off behind
 * its header the decoder makes a grey picture of the size that it claims, without a word.
 */
function hasScan(bytes: Uint8Array): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 4 <= buffer.length && buffer[at] === 0xff) {
    const marker = buffer[at + 1]!;
    if (marker === 0xda) return buffer.indexOf(END_OF_IMAGE, at) >= 0;
    // fill bytes, and markers that stand alone
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else at += 2 + buffer.readUInt16BE(at + 2);
  }
  return false;
}

const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

async function readPixels(image: Sharp): Promise<{ data: Uint8Array; info: OutputInfo }> {
  try {
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), info };
  } catch {
    throw damaged();
  }
}

function flattenOverWhite(data: Uint8Array, width: number, height: number, channels: number): DecodedPicture {
  if (channels === 3) return { picture: { width, height, data } };
  const size = width * height;
  const rgb = new Uint8Array(size * 3);
  const alpha = new Uint8Array(size).fill(255);
  const colours = channels >= 3 ? 3 : 1;
  let opaque = true;
  for (let i = 0; i < size; i++) {
    const a = channels === colours ? 255 : data[i * channels + colours]!;
    if (a < 255) opaque = false;
    alpha[i] = a;
    for (let c = 0; c < 3; c++) {
      const value = data[i * channels + (colours === 3 ? c : 0)]!;
      rgb[i * 3 + c] = Math.round((value * a + 255 * (255 - a)) / 255);
    }
  }
  const picture = { width, height, data: rgb };
  return opaque ? { picture } : { picture, alpha };
}

function requireSize(
  what: string,
  found: { width: number; height: number },
  expected: { width: number; height: number },
): void {
  if (found.width === expected.width && found.height === expected.height) return;
  throw new UserError(
    `the ${what} is ${found.width}x${found.height} but the picture is ${expected.width}x${expected.height}: send one of the picture's size`,
  );
}

function tooManyBytes(bytes: number): UserError {
  const mib = (bytes / 1024 / 1024).toFixed(0);
  return new UserError(
    `the file has ${mib} MiB, more than the limit of ${MAX_BYTES / 1024 / 1024} MiB: send a smaller one`,
  );
}

function damaged(): UserError {
  return new UserError('the picture is damaged or cut off: save it anew and send it again');
}
