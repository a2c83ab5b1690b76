/**
 * Pictures for docs/differences-from-d-edit.md: the same wish as D-Edit has it, and as it is here.
 *
 *     npm run bench:differences -- FILE.jpg [--checkpoint pocket]
 *
 * Of examples/scene.png, with examples/unicorn.png as reference B; both are learned together first.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { decodePicture, Editor, encodePng } from '../../dist/engine/editor.js';
import { draftEdit } from '../../dist/engine/edits/index.js';
import { emptyMask, maskOf } from '../../dist/engine/masks/mask.js';
import { Drawer } from '../ditem/edits.js';
import { sheet } from '../sheet.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { checkpoint: { type: 'string', default: 'pocket' } },
});
const [file] = positionals;
if (!file) throw new Error('name the JPEG to write');

const EXAMPLES = join(import.meta.dirname, '../../examples');
const [BANANA, OWL] = [2, 2];
const editor = Editor.open(resolveCheckpoint(values.checkpoint), { safety: 'off' });
const drawer = new Drawer(editor, 'grouped', 42);
const opened = async (name) => await editor.segment((await decodePicture(join(EXAMPLES, name))).picture);
const [scene, B] = [await opened('scene.png'), await opened('unicorn.png')];
const known = await drawer.learn({ ...scene, number: 'scene', references: { B } });

const drawn = async (edit, change = (plan) => plan) =>
  await drawer.edited(known, change(drawer.plan(known, edit)));
const drafted = async (edit) => (await draftEdit(known, edit, drawer.plan(known, edit), drawer.seed)).picture;

/** The old outline, and nothing around it. */
const within = (item) => (plan) => ({
  ...plan,
  labels: scene.labels,
  active: maskOf(scene.labels, item),
  soft: emptyMask(scene.picture.width, scene.picture.height),
});

const words = { kind: 'replace', item: BANANA, prompt: 'an ice cream' };
const byItem = { kind: 'replaceWith', item: BANANA, with: { picture: 'B', item: OWL } };
const inRed = { ...byItem, words: 'in red' };
const rows = [
  // an outline that is widened
  [await drawn(words, within(BANANA)), await drawn(words)],
  // an item of a reference: its learned prompt in the old outline, its own pixels
  [await drawn(byItem, within(BANANA)), await drafted(byItem)],
  // text and image
  [await drawn(inRed, within(BANANA)), await drafted(inRed)],
  // the background removed
  [await drawn({ kind: 'remove', item: 0 }), await drafted({ kind: 'clear' })],
];
const cells = await Promise.all(
  rows.map(async (row) => await Promise.all([scene.picture, ...row].map(encodePng))),
);
const made = await sheet(cells, { width: 256, heads: ['the picture', 'as D-Edit has it', 'here'] });
await made.jpeg({ quality: 85 }).toFile(file);
console.log(`wrote ${file}`);
