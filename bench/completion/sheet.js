/**
 * Cases of a kept benchmark run as pictures side by side: the original, the hole, ours, shift-map's where it is there.
 *
 *     node bench/completion/sheet.js DIR OUT CASE [CASE ...]     DIR as given to run.js --out; writes OUT/CASE.jpg
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { sheet } from '../sheet.js';

const SIDE = 260;
const [folder, out, ...cases] = process.argv.slice(2);

for (const name of cases) {
  const original = await sharp(join(folder, `${name}.png`))
    .removeAlpha()
    .toBuffer();
  const { width, height } = await sharp(original).metadata();
  const hole = await sharp(join(folder, `${name}.hole.png`))
    .toColourspace('b-w')
    .toBuffer();
  const pink = await sharp({ create: { width, height, channels: 3, background: '#ff00ff' } })
    .joinChannel(hole)
    .png()
    .toBuffer();
  const marked = await sharp(original)
    .composite([{ input: pink }])
    .png()
    .toBuffer();
  const shown = [original, marked];
  for (const method of ['dedit', 'shiftmap']) {
    const path = join(folder, `${name}.${method}.png`);
    if (existsSync(path)) shown.push(readFileSync(path));
  }
  const laid = await sheet([shown], { width: SIDE, height: Math.round((SIDE * height) / width) });
  await laid.jpeg({ quality: 82, mozjpeg: true }).toFile(join(out, `${name}.jpg`));
}
