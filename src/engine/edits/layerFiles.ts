/** Layers as one file, for who keeps pictures: a table of where they lie, then a PNG with alpha for each. */
import sharp from 'sharp';
import type { Box } from '../masks/mask.js';
import type { Layer } from './kind.js';

interface Entry {
  readonly item: number;
  readonly box: Box;
  /** Of its PNG. */
  readonly bytes: number;
}

/** The table's length comes first, as 32 bits, little-endian. */
const HEAD = 4;

/** @returns undefined when there is no layer: most pictures have none */
export async function packLayers(layers: readonly Layer[]): Promise<Uint8Array | undefined> {
  if (layers.length === 0) return undefined;
  const pictures = await Promise.all(layers.map(({ cutout }) => pngOf(cutout)));
  const table: Entry[] = layers.map(({ item, cutout }, i) => ({
    ...{ item, box: cutout.box },
    bytes: pictures[i]!.byteLength,
  }));
  const head = Buffer.from(JSON.stringify(table));
  const length = Buffer.alloc(HEAD);
  length.writeUInt32LE(head.byteLength);
  return new Uint8Array(Buffer.concat([length, head, ...pictures]));
}

export async function unpackLayers(file: Uint8Array): Promise<Layer[]> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let at = HEAD + bytes.readUInt32LE();
  const table = JSON.parse(bytes.toString('utf8', HEAD, at)) as Entry[];
  const layers: Layer[] = [];
  for (const { item, box, bytes: length } of table) {
    layers.push({ item, cutout: await cutoutOf(box, bytes.subarray(at, at + length)) });
    at += length;
  }
  return layers;
}

async function pngOf({ box, foreground, alpha }: Layer['cutout']): Promise<Uint8Array> {
  const rgba = new Uint8Array(alpha.length * 4);
  const { data } = foreground;
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) rgba[i * 4 + c] = data[i * 3 + c]!; // a subarray for every pixel takes far longer
    rgba[i * 4 + 3] = alpha[i]!;
  }
  const raw = { width: box.width, height: box.height, channels: 4 } as const;
  return await sharp(rgba, { raw, limitInputPixels: false }).png({ compressionLevel: 3 }).toBuffer();
}

async function cutoutOf(box: Box, png: Uint8Array): Promise<Layer['cutout']> {
  const { data, info } = await sharp(png, { limitInputPixels: false })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.width !== box.width || info.height !== box.height)
    throw new Error(
      `a layer of ${info.width}x${info.height} was stored for a box of ${box.width}x${box.height}`,
    );
  const foreground = new Uint8Array(box.width * box.height * 3);
  const alpha = new Uint8Array(box.width * box.height);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) foreground[i * 3 + c] = data[i * 4 + c]!;
    alpha[i] = data[i * 4 + 3]!;
  }
  return { box, foreground: { width: box.width, height: box.height, data: foreground }, alpha };
}
