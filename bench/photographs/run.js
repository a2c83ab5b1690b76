/**
 * Photographs edited by their own pixels, each beside what it was: nothing is learned, no checkpoint opened.
 *
 *     python bench/drawable/pictures.py DIR 0 1
 *     npm run bench:photographs -- DIR --out OUT [--width 420] [NAME ...]      OUT/NAME.jpg; all without NAMEs
 *
 * On the left the photograph as it is answered, cut into numbered items; on the right what the messages make of it.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { understood } from '../../dist/commands/index.js';
import { decodePicture, drawOverlay, encodePng, pixels } from '../../dist/engine/editor.js';
import { sheet } from '../sheet.js';
import { EDITS } from './edits.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, width: { type: 'string', default: '420' } },
});
const [dir, ...names] = positionals;
if (!dir || !values.out) throw new Error('name the folder that pictures.py wrote, and --out');
mkdirSync(values.out, { recursive: true });
const width = Number(values.width);

for (const edit of EDITS.filter(({ name }) => names.length === 0 || names.includes(name))) {
  const from = process.cpuUsage();
  const { overlay, result, size } = await edited(edit);
  const { user, system } = process.cpuUsage(from);
  const height = Math.round((width * size.height) / size.width);
  const pair = await sheet([[overlay, result]], { width, height });
  await pair.jpeg({ quality: 80, mozjpeg: true }).toFile(join(values.out, `${edit.name}.jpg`));
  console.log(
    `${edit.name}: ${edit.say.join(', ')} (${((user + system) / 1e6).toFixed(1)} s of processor time)`,
  );
}

async function edited({ photograph, reference, say }) {
  const B = reference && pixels.asReference(await pixels.cut(await open(reference)));
  let scene = { ...(await pixels.cut(await open(photograph))), ...(B ? { references: { B } } : {}) };
  let overlay;
  let cutout;
  for (const [i, message] of say.entries()) {
    const { picture, items } = scene;
    const last = i === say.length - 1;
    if (last) overlay = await drawOverlay(picture, scene.labels, items);
    const references = B ? [{ letter: 'B', items: B.items }] : [];
    for (const { action } of understood(message, { ...picture, items, references })) {
      if (action.kind === 'cutOut') cutout = await pixels.cutOut(scene, action.items);
      else scene = await pixels.draft(scene, action.edit, { seed: 42 });
    }
  }
  const result = cutout ?? (await encodePng(scene.picture));
  return { overlay: await encodePng(overlay), result, size: overlay };
}

async function open(name) {
  const file = ['photographs', 'photographs-to-choose-on']
    .map((folder) => join(dir, folder, `${name}.png`))
    .find((path) => existsSync(path));
  if (!file) throw new Error(`there is no photograph ${name} in ${dir}: run pictures.py with scikit-learn`);
  return (await decodePicture(file)).picture;
}
