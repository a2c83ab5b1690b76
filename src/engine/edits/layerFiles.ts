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
  const layers = table.map(async ({ item, box, bytes: length }) => {
    const png = bytes.subarray(at, (at += length));
    return { item, cutout: await cutoutOf(box, png) };
  });
  return await Promise.all(layers);
}

async function pngOf({ box: { width, height }, foreground, alpha }: Layer['cutout']): Promise<Uint8Array> {
  return await sharp(foreground.data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .joinChannel(Buffer.from(alpha.buffer, alpha.byteOffset, alpha.length), {
      raw: { width, height, channels: 1 },
    })
    .png({ compressionLevel: 3 })
    .toBuffer();
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
