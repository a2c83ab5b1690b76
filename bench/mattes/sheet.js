/**
 * Cutouts of a run laid on another ground beside the truth, four times enlarged where ours is farthest from it.
 *
 *     node bench/mattes/sheet.js DIR OUT.png CUT [CUT ...]     DIR as given to run.js; a CUT is a thing and an outline, 003.wide
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { lay } from '../../dist/engine/draft/carry.js';
import { sheet } from '../sheet.js';
import { boxOf, readCutout, readThing } from './cases.js';
import { truly } from './errors.js';

const [WINDOW, ENLARGED] = [64, 4];
const [dir, out, ...cuts] = process.argv.slice(2);
const METHODS = ['ours', 'cf', 'knn'];

const rows = [];
for (const cut of cuts) {
  const [name, outline] = cut.split('.');
  const thing = await readThing(dir, name);
  const truth = truly(thing);
  const laid = [];
  for (const method of METHODS) {
    const path = join(dir, 'cuts', `${cut}.${method}.png`);
    if (!existsSync(path)) continue;
    laid.push(lay(thing.onto, [await readCutout(path, boxOf(thing, outline))]));
  }
  const place = worst(truth, laid[0]);
  rows.push(await Promise.all([thing.picture, truth, ...laid].map((picture) => enlarged(picture, place))));
}
const side = WINDOW * ENLARGED;
const whole = await sheet(rows, { width: side, heads: ['picture', 'truth', ...METHODS] });
await whole.png().toFile(out);

/** The window's top left corner, in steps of a quarter of it. */
function worst({ width, height, data: truth }, { data }) {
  let found = { most: -1 };
  for (let top = 0; top + WINDOW <= height; top += WINDOW / 4) {
    for (let left = 0; left + WINDOW <= width; left += WINDOW / 4) {
      let most = 0;
      for (let y = top; y < top + WINDOW; y++)
        for (let j = (y * width + left) * 3; j < (y * width + left + WINDOW) * 3; j++)
          most += Math.abs(truth[j] - data[j]);
      if (most > found.most) found = { most, left, top };
    }
  }
  return found;
}

async function enlarged({ width, height, data }, { left, top }) {
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .extract({ left, top, width: WINDOW, height: WINDOW })
    .resize(WINDOW * ENLARGED, WINDOW * ENLARGED, { kernel: 'nearest' })
    .png()
    .toBuffer();
}
