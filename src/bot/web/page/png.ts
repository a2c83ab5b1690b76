import type { Size } from './view.js';

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
function crc(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 255]! ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc(out.subarray(4, 8 + data.length)));
  return out;
}

/**
 * A mask as a PNG of one bit a pixel, white inside, of the given size: the mask may be smaller, as devices limit their
 * canvases.
 * @param inside one byte a pixel of `from`, 0 or 1
 */
export async function maskPng(inside: Uint8Array, from: Size, size: Size): Promise<Blob> {
  const stride = 1 + Math.ceil(size.width / 8);
  const rows = new Uint8Array(stride * size.height);
  for (let y = 0; y < size.height; y++) {
    const row = Math.floor((y * from.height) / size.height) * from.width;
    for (let x = 0; x < size.width; x++) {
      const pixel = row + Math.floor((x * from.width) / size.width);
      if (inside[pixel]) rows[y * stride + 1 + (x >> 3)]! |= 128 >> (x & 7);
    }
  }
  const deflated = new Blob([rows]).stream().pipeThrough(new CompressionStream('deflate'));
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, size.width);
  new DataView(header.buffer).setUint32(4, size.height);
  header[8] = 1;
  return new Blob(
    [
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
      chunk('IHDR', header),
      chunk('IDAT', new Uint8Array(await new Response(deflated).arrayBuffer())),
      chunk('IEND', new Uint8Array()),
    ],
    { type: 'image/png' },
  );
}
