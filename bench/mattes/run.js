/**
 * How near mattes are to the truth, where it is known.
 *
 *     python bench/mattes/things.py DIR 48 7002
 *     npm run bench:mattes -- DIR
 *
 * Errors are summed over a thing's edge and told a pixel of its outline, of 255: of alpha, and of the colours that are carried
 * (weighted by alpha). Each thing is cut out along its true outline and along one that is a pixel too far right.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { matte } from '../../dist/engine/draft/matte.js';
import { decodePicture } from '../../dist/engine/editor.js';

const [dir] = process.argv.slice(2);
if (!dir) throw new Error('name the folder that things.py wrote');

/** Sums by ground: [alpha, colours] along the true outline, then along the other. */
const grounds = new Map();
for (const file of readdirSync(dir).filter((name) => name.endsWith('.json'))) {
  const at = (ending) => join(dir, file.replace('.json', ending));
  const { ground } = JSON.parse(readFileSync(at('.json'), 'utf8'));
  const { picture } = await decodePicture(at('.png'));
  const thing = (await decodePicture(at('.thing.png'))).picture;
  const alpha = await sharp(at('.alpha.png')).extractChannel(0).raw().toBuffer();
  const errors = [0, 1].flatMap((shift) => errorsOf(picture, thing, alpha, shift));
  grounds.set(ground, [...(grounds.get(ground) ?? []), errors]);
}

function errorsOf({ width, height, data: pixels }, thing, truth, shift) {
  const data = Uint8Array.from(truth, (_, i) => Number(truth[Math.max(0, i - shift)] > 127));
  const { box, alpha, foreground } = matte({ width, height, data: pixels }, { width, height, data });
  let [ofAlpha, ofColours, outline] = [0, 0, 0];
  for (let i = 0; i < alpha.length; i++) {
    const j = (box.top + Math.floor(i / box.width)) * width + box.left + (i % box.width);
    outline += Number(data[j] !== data[j + 1] || data[j] !== data[j + width]);
    ofAlpha += Math.abs(alpha[i] - truth[j]);
    if (alpha[i] === 255 && truth[j] === 255) continue;
    for (let c = 0; c < 3; c++)
      ofColours +=
        Math.abs(alpha[i] * foreground.data[i * 3 + c] - truth[j] * thing.data[j * 3 + c]) / (3 * 255);
  }
  return [ofAlpha / outline, ofColours / outline];
}

const means = (rows) => rows[0].map((_, c) => rows.reduce((sum, row) => sum + row[c], 0) / rows.length);
const line = (name, row) => console.log(`| ${name} | ${row.map((value) => value.toFixed(1)).join(' | ')} |`);
console.log(
  '| ground | alpha | colours | alpha, outline off by one | colours |\n| --- | --- | --- | --- | --- |',
);
const all = [...grounds].map(([ground, rows]) => [ground, means(rows)]);
for (const [ground, row] of all) line(ground, row);
line('all', means(all.map(([, row]) => row)));
