/**
 * Over pictures nothing was chosen on: is a refinement refused where the checkpoint would smear, and offered where it
 * can draw?
 *
 *   python bench/drawable/pictures.py DIR 30 900002
 *   npm run bench:drawable -- DIR [CHECKPOINT]
 *
 * Each picture is asked about its two largest items. Items are called by their names; with --learned each picture is
 * learned first, as it is before anything is refined (a minute each), and --scenes 12 takes the first twelve alone.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { areasOf, decodeLabels, decodePicture, Editor, maskOf } from '../../dist/engine/editor.js';
import { canRefine, gauge } from '../../dist/engine/editing/gauge.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { learned: { type: 'boolean' }, scenes: { type: 'string' } },
});
const [dir, checkpoint = 'pocket'] = positionals;
if (!dir) throw new Error('name the folder that pictures.py wrote');
const editor = Editor.open(resolveCheckpoint(checkpoint));
const LARGEST = 2;

async function ask(folder) {
  let [offered, all] = [0, 0];
  const files = readdirSync(folder).filter((name) => /^[^.]+\.png$/.test(name));
  for (const file of files.slice(0, Number(values.scenes ?? files.length))) {
    const { picture } = await decodePicture(join(folder, file));
    const map = join(folder, file.replace('.png', '.labels.png'));
    const drawn = existsSync(map) ? await decodeLabels(readFileSync(map), picture) : undefined;
    const cut = await editor.segment(picture, drawn);
    const scene = values.learned ? await editor.associate(cut) : cut;
    const areas = areasOf(scene.labels);
    const { guidance } = editor.editDefaults(picture);
    const items = [...areas.keys()].slice(1).sort((a, b) => areas[b] - areas[a]);
    for (const item of items.length > 0 ? items.slice(0, LARGEST) : [0]) {
      const found = await gauge(editor.pipeline, scene, maskOf(scene.labels, item), guidance);
      const { decoded, drawn: seen, enlarged } = found;
      const offer = canRefine(found);
      const figures = [decoded, seen, enlarged].map((value) => value.toFixed(2)).join(' / ');
      console.log(`${file}, item ${item + 1}: ${figures}, ${offer ? 'offered' : 'refused'}`);
      all += 1;
      if (offer) offered += 1;
    }
  }
  return { offered, all };
}

console.log('comes back through the autoencoder / seen by the prompts / enlarged');
const photographs = await ask(join(dir, 'photographs'));
const scenes = await ask(join(dir, 'scenes'));
const percent = (part, whole) => `${part} of ${whole} (${Math.round((100 * part) / whole)} %)`;
console.log(`photographs refused: ${percent(photographs.all - photographs.offered, photographs.all)}`);
console.log(`own scenes offered: ${percent(scenes.offered, scenes.all)}`);
