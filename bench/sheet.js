/** Pictures beside each other on white paper. */
import { Buffer } from 'node:buffer';
import sharp from 'sharp';
import { fitText, outlineText } from '../dist/engine/compositing/text.js';

const PAPER = '#fff';
const HEAD = 18;

/**
 * @param rows of files or encoded pictures; a cell that is undefined stays white
 * @param options.width, options.height of a cell in pixels, into which its picture is fitted
 * @param options.heads a line of words above each column
 * @returns sharp's, to be encoded as one likes
 */
export async function sheet(rows, { width, height = width, gap = 4, heads = [] }) {
  const top = heads.length > 0 ? HEAD : 0;
  const cells = rows.flatMap((row, y) =>
    row.flatMap((picture, x) => (picture === undefined ? [] : [{ picture, x, y }])),
  );
  const layers = await Promise.all(
    cells.map(async ({ picture, x, y }) => ({
      input: await sharp(picture)
        .resize(width, height, { fit: 'contain', background: PAPER })
        .png()
        .toBuffer(),
      left: x * (width + gap),
      top: top + y * (height + gap),
    })),
  );
  const columns = Math.max(heads.length, ...rows.map((row) => row.length));
  const size = { width: columns * (width + gap) - gap, height: top + rows.length * (height + gap) - gap };
  if (top > 0) layers.push({ input: headline(heads, width, gap, size.width), left: 0, top: 0 });
  return sharp({ create: { ...size, channels: 3, background: PAPER } }).composite(layers);
}

function headline(heads, width, gap, whole) {
  const words = heads.map(
    (head, i) => outlineText(fitText(head, 11, width), i * (width + gap) + 2, 13, 11).path,
  );
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${whole}" height="${HEAD}"><path d="${words.join('')}"/></svg>`,
  );
}

/** A list as rows of so many. */
export const inRows = (list, columns) =>
  Array.from({ length: Math.ceil(list.length / columns) }, (_, row) =>
    list.slice(row * columns, (row + 1) * columns),
  );
