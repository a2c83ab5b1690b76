/**
 * `make 3 blue`, over photographs and colours: is the item's hue the colour's, and are its pixels as light and as dark
 * beside each other as they were?
 *
 *     python bench/drawable/pictures.py DIR 0 1
 *     npm run bench:looks -- DIR [--side 256] [--json FILE]
 *
 * Every item of every photograph, cut by dedit, in each colour. Hue: of the sum of all chromas, in CIELAB, against the
 * named colour's. Order: Spearman's rank correlation of L* before and after over the pixels that are the item's alone (ties
 * share their rank). Items that are one flat tone (a deviation of L* below 1) have no order to speak of and are told apart.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { colourNamed } from '../../dist/engine/draft/colourNames.js';
import { draftEdit } from '../../dist/engine/edits/index.js';
import { decodePicture, Editor, maskOf } from '../../dist/engine/editor.js';
import { look } from '../../dist/engine/edits/look.js';
import { matte } from '../../dist/engine/draft/matte.js';
import { toLab } from '../../dist/engine/segmentation/lab.js';
import { mean, share } from '../ditem/statistics.js';
import { hueApart, hueIn, hueOf, spearman } from './measure.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { side: { type: 'string', default: '256' }, json: { type: 'string' } },
});
const [dir] = positionals;
if (!dir) throw new Error('name the folder that pictures.py wrote');
const COLOURS = [
  'red',
  'orange',
  'yellow',
  'green',
  'dark green',
  'teal',
  'blue',
  'purple',
  'pink',
  'brown',
  'golden',
];
/** Less than this is one flat tone. */
const FLAT = 1;
/** An item has more pixels than this to itself. */
const LEAST = 50;

const editor = Editor.open(resolveCheckpoint('pocket'));
const folder = join(dir, 'photographs');
const rows = [];
for (const file of readdirSync(folder).filter((name) => name.endsWith('.png'))) {
  const side = Number(values.side);
  const png = await sharp(join(folder, file)).resize(side, side, { fit: 'inside' }).png().toBuffer();
  const { picture } = await decodePicture(png);
  const scene = await editor.segment(picture);
  const before = toLab(picture);
  for (const item of scene.items.keys()) {
    const core = coreOf(picture, maskOf(scene.labels, item));
    if (core.length < LEAST) continue;
    const lights = core.map((i) => before.data[3 * i]);
    const flat = deviation(lights) < FLAT;
    for (const colour of COLOURS) {
      const edit = { kind: 'look', items: [item], others: false, words: colour };
      const drafted = (await draftEdit(scene, edit, look.plan(scene, edit, {}), 42)).picture;
      const after = toLab(drafted);
      const off = hueApart(hueIn(after, core), hueOf(colourNamed(colour)));
      const order = spearman(
        lights,
        core.map((i) => after.data[3 * i]),
      );
      rows.push({ file, item, colour, off, order, flat });
    }
  }
}

/** Pixels that take all of the look. */
function coreOf(picture, mask) {
  const { box, alpha } = matte(picture, mask);
  const core = [];
  for (let y = 0; y < box.height; y++)
    for (let x = 0; x < box.width; x++)
      if (alpha[y * box.width + x] === 255) core.push((box.top + y) * picture.width + box.left + x);
  return core;
}

function deviation(list) {
  const middle = mean(list);
  return Math.sqrt(mean(list.map((x) => (x - middle) ** 2)));
}

if (values.json) writeFileSync(values.json, JSON.stringify(rows, null, 1));
const shaded = rows.filter(({ flat }) => !flat);
console.log(`hue within 15 degrees: ${share(rows.map(({ off }) => off <= 15))}`);
console.log(
  `order of L* kept (0.98): ${share(shaded.map(({ order }) => order >= 0.98))} of items with shading`,
);
console.log(`                         ${share(rows.map(({ order }) => order >= 0.98))} of all`);
for (const { file, item, colour, off, order } of [...shaded].sort((a, b) => a.order - b.order).slice(0, 8))
  console.log(`  ${file} ${item + 1} ${colour}: order ${order.toFixed(3)}, hue off by ${off.toFixed(1)}`);
