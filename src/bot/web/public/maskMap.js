/* global CompressionStream, Response, Blob */

/** A mask as the lengths of its runs, row by row, outside first: kilobytes where the pixels are megabytes. */
export function packed(rgba) {
  const runs = [];
  let [inside, length, area] = [false, 0, 0];
  for (let i = 3; i < rgba.length; i += 4) {
    const here = rgba[i] >= 128;
    if (here) area++;
    if (here === inside) length++;
    else {
      runs.push(length);
      [inside, length] = [here, 1];
    }
  }
  runs.push(length);
  return { runs: Uint32Array.from(runs), area };
}

/** Draws the runs into pixels of a colour. */
export function unpack({ runs }, pixels, colour) {
  let at = 0;
  runs.forEach((length, i) => {
    pixels.fill(i % 2 === 1 ? colour : 0, at, at + length);
    at += length;
  });
}

export const equal = (a, b) =>
  a.runs.length === b.runs.length && a.runs.every((length, i) => length === b.runs[i]);

/** The middle of the inside. */
export function middle({ runs }, width) {
  let [at, sumX, sumY, count] = [0, 0, 0, 0];
  runs.forEach((length, i) => {
    if (i % 2 === 1)
      for (let left = length, from = at; left > 0;) {
        const [x, y] = [from % width, Math.floor(from / width)];
        const part = Math.min(left, width - x);
        sumX += part * (x + (part - 1) / 2);
        sumY += part * y;
        count += part;
        left -= part;
        from += part;
      }
    at += length;
  });
  return count === 0 ? undefined : [sumX / count + 0.5, sumY / count + 0.5];
}

/** The border of what is inside, as it is seen: two pixels of white within, one of black around. */
export function drawOutline(from, to, width, height) {
  const inside = (x, y) =>
    x >= 0 && y >= 0 && x < width && y < height && from[4 * (y * width + x) + 3] >= 128;
  const near = (x, y, far, here) =>
    inside(x - far, y) !== here ||
    inside(x + far, y) !== here ||
    inside(x, y - far) !== here ||
    inside(x, y + far) !== here;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const here = inside(x, y);
      if (!near(x, y, 1, here) && !(here && near(x, y, 2, here))) continue;
      const i = 4 * (y * width + x);
      to[i] = to[i + 1] = to[i + 2] = here ? 255 : 16;
      to[i + 3] = here ? 255 : 190;
    }
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
const crc = (bytes) => {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 255] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
};

function chunk(type, data) {
  const out = new Uint8Array(12 + data.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) out[4 + i] = type.charCodeAt(i);
  out.set(data, 8);
  view.setUint32(8 + data.length, crc(out.subarray(4, 8 + data.length)));
  return out;
}

/**
 * White inside on black, one bit a pixel, of the given size: `rgba` may be smaller, as devices limit their canvases.
 */
export async function asPng(rgba, from, size) {
  const stride = 1 + Math.ceil(size.width / 8);
  const rows = new Uint8Array(stride * size.height);
  for (let y = 0; y < size.height; y++) {
    const row = Math.floor((y * from.height) / size.height) * from.width;
    for (let x = 0; x < size.width; x++) {
      const pixel = row + Math.floor((x * from.width) / size.width);
      if (rgba[4 * pixel + 3] >= 128) rows[y * stride + 1 + (x >> 3)] |= 128 >> (x & 7);
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
