/**
 * What the network sees of what it marks, for fit_people.py.
 *
 *     npm run prepare && node training/judge/people.js OUT DIR [DIR …]
 *
 * Pictures of which less than a hundredth is marked are left out. OUT is a line of JSON a picture: its name, the mean of
 * every channel over the marked pixels.
 */
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodePicture } from '../../dist/engine/editor.js';
import { watch } from '../../dist/engine/segmentation/regions/begin.js';
import { markedMeans } from '../../dist/engine/segmentation/person/people.js';

const LEAST = 0.01;
const MARKED = 0.5;

const [out, ...folders] = process.argv.slice(2);
if (folders.length === 0) throw new Error('name the file to write, then folders of pictures');
writeFileSync(out, '');
for (const folder of folders) {
  for (const name of readdirSync(folder).filter((one) => /^[^.]+\.(png|jpg)$/.test(one))) {
    const { seen } = await watch((await decodePicture(join(folder, name))).picture);
    const share = seen.person.filter((value) => value > MARKED).length / seen.person.length;
    if (share < LEAST) continue;
    const line = { name: name.replace(/\.[^.]+$/, ''), means: [...markedMeans(seen)] };
    appendFileSync(out, `${JSON.stringify(line)}\n`);
  }
}
