/** The pictures of a run: sheet.png has a row a scene and a column a variant, sheet-image.png a row a pair. */
import { Buffer } from 'node:buffer';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { fitText, outlineText } from '../../dist/engine/compositing/text.js';
import { IMAGE_VARIANTS, VARIANTS } from './variants.js';

const SIDE = 128;
const GAP = 4;
const HEAD = 18;
const MOST = 16;

/** @param cells files, a row each; those that are not there stay white */
async function grid(file, heads, cells) {
  const [width, height] = [heads.length * (SIDE + GAP), HEAD + cells.length * (SIDE + GAP)];
  const words = heads.map(
    (head, i) => outlineText(fitText(head, 11, SIDE), i * (SIDE + GAP) + 2, 13, 11).path,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEAD}"><path d="${words.join('')}"/></svg>`;
  const placed = [{ input: Buffer.from(svg), left: 0, top: 0 }];
  for (const [y, row] of cells.entries()) {
    for (const [x, path] of row.entries()) {
      if (!existsSync(path)) continue;
      const input = await sharp(path)
        .resize(SIDE, SIDE, { fit: 'contain', background: '#fff' })
        .png()
        .toBuffer();
      placed.push({ input, left: x * (SIDE + GAP), top: HEAD + y * (SIDE + GAP) });
    }
  }
  const paper = { create: { width, height, channels: 3, background: '#fff' } };
  writeFileSync(file, await sharp(paper).composite(placed).png().toBuffer());
}

export async function writeSheets(out, rows) {
  const numbers = (part) =>
    [...new Set(rows.filter((row) => row.part === part).map(({ scene }) => scene))].slice(0, MOST);
  const at = (part, number, variant, i, kind) =>
    join(out, 'pictures', `${part}-${number}-${variant}-${i}-${kind}.png`);
  const variants = Object.keys(VARIANTS).filter((name) => rows.some(({ variant }) => variant === name));
  const texts = numbers('text').flatMap((number) => {
    const first = variants.find((variant) => existsSync(at('text', number, variant, 0, 'picture')));
    return ['picture', 'free'].map((kind) => [
      at('text', number, first, 0, 'picture'),
      ...variants.map((variant) => at('text', number, variant, 1, kind)),
    ]);
  });
  if (texts.length > 0) await grid(join(out, 'sheet.png'), ['picture', ...variants], texts);
  const images = numbers('image').map((number) => [
    at('image', number, 'grouped', 0, 'picture'),
    at('image', number, 'grouped', 0, 'reference'),
    ...IMAGE_VARIANTS.map((variant) => at('image', number, variant, 1, 'picture')),
    at('image', number, 'grouped', 1, 'words'),
    at('image', number, 'grouped', 1, 'draft'),
  ]);
  const heads = ['picture', 'reference', ...IMAGE_VARIANTS, 'by its name', 'draft'];
  if (images.length > 0) await grid(join(out, 'sheet-image.png'), heads, images);
}
