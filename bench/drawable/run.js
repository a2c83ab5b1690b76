/**
 * Over pictures nothing was chosen on: is a refinement refused where the checkpoint would smear, and offered where it
 * can draw?
 *
 *   python bench/drawable/pictures.py DIR 30 900002
 *   npm run bench:drawable -- DIR [CHECKPOINT]
 *
 * Each picture is asked about its two largest items. A scene's items are called what they are, a photograph's what the engine
 * calls them; with --learned each picture is learned first, as it is before anything is refined (a minute each), and --scenes 12
 * takes the first twelve alone.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { areasOf, decodePicture, Editor, maskOf } from '../../dist/engine/editor.js';
import { canRefine, gauge } from '../../dist/engine/editing/gauge.js';
import { openScene, scenesIn } from '../ditem/cases.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { learned: { type: 'boolean' }, scenes: { type: 'string' } },
});
const [dir, checkpoint = 'pocket'] = positionals;
if (!dir) throw new Error('name the folder that pictures.py wrote');
const editor = Editor.open(resolveCheckpoint(checkpoint));
const LARGEST = 2;

/** @param asked [name, the picture cut], one after the other */
async function ask(asked) {
  let [offered, all] = [0, 0];
  for await (const [name, cut] of asked) {
    const scene = values.learned ? await editor.associate(cut) : cut;
    const areas = areasOf(scene.labels);
    const { guidance } = editor.editDefaults(scene.picture);
    const items = [...areas.keys()].slice(1).sort((a, b) => areas[b] - areas[a]);
    for (const item of items.length > 0 ? items.slice(0, LARGEST) : [0]) {
      const found = await gauge(editor.pipeline, scene, maskOf(scene.labels, item), guidance);
      const { decoded, drawn: seen, enlarged } = found;
      const offer = canRefine(found);
      const figures = [decoded, seen, enlarged].map((value) => value.toFixed(2)).join(' / ');
      console.log(`${name}, ${scene.items[item].name}: ${figures}, ${offer ? 'offered' : 'refused'}`);
      all += 1;
      if (offer) offered += 1;
    }
  }
  return { offered, all };
}

async function* photographs(folder) {
  const files = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => /^[^.]+\.png$/.test(name));
  for (const file of files.slice(0, most(files))) {
    const { picture } = await decodePicture(join(folder, file));
    yield [file, await editor.segment(picture)];
  }
}

async function* scenes() {
  const numbers = scenesIn(dir);
  for (const number of numbers.slice(0, most(numbers))) yield [number, await openScene(dir, number)];
}

const most = ({ length }) => Number(values.scenes ?? length);

console.log('comes back through the autoencoder / seen by the prompts / enlarged');
const others = await ask(photographs(join(dir, 'photographs')));
const own = await ask(scenes());
const percent = (part, whole) =>
  whole === 0 ? 'there are none' : `${part} of ${whole} (${Math.round((100 * part) / whole)} %)`;
console.log(`photographs refused: ${percent(others.all - others.offered, others.all)}`);
console.log(`own scenes offered: ${percent(own.offered, own.all)}`);
