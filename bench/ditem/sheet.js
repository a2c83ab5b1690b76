/** The pictures of a run: sheet.png has a row a scene and a column a variant, sheet-image.png a row a pair. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { sheet } from '../sheet.js';
import { IMAGE_VARIANTS, VARIANTS } from './variants.js';

const SIDE = 128;
const MOST = 16;

/** @param cells files, a row each; those that are not there stay white */
async function grid(file, heads, cells) {
  const there = cells.map((row) => row.map((path) => (existsSync(path) ? path : undefined)));
  await (await sheet(there, { width: SIDE, heads })).png().toFile(file);
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
  const byImage = IMAGE_VARIANTS.filter((name) => variants.includes(name));
  const images = numbers('image').map((number) => [
    at('image', number, 'grouped', 0, 'picture'),
    at('image', number, 'grouped', 0, 'reference'),
    ...byImage.map((variant) => at('image', number, variant, 1, 'picture')),
    at('image', number, 'grouped', 1, 'words'),
    at('image', number, 'grouped', 1, 'draft'),
  ]);
  const heads = ['picture', 'reference', ...byImage, 'by its name', 'draft'];
  if (images.length > 0) await grid(join(out, 'sheet-image.png'), heads, images);
}
