/**
 * Does a checkpoint know what it sees? Items' names, things found by words and words refused, over scenes whose things
 * are known; and over photographs, where nothing may be invented.
 *
 *   python bench/drawable/pictures.py DIR 100 900003
 *   npm run bench:finding -- DIR [--checkpoint pocket] [--scenes 100] [--without-scorer] [--names] [--json FILE]
 *
 * Of every scene each thing is looked for by its first name, and as many names of things that are not in it; with --names none,
 * only names are asked about.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { areasOf, decodeLabels, decodePicture, Editor } from '../../dist/engine/editor.js';
import { CheckpointSegmenter } from '../../dist/engine/editing/words.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    checkpoint: { type: 'string', default: 'pocket' },
    scenes: { type: 'string', default: '100' },
    'without-scorer': { type: 'boolean', default: false },
    names: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});
const [dir] = positionals;
if (!dir) throw new Error('name the folder that pictures.py wrote');
const { pipeline } = Editor.open(resolveCheckpoint(values.checkpoint));
const { vocabulary } = pipeline.checkpoint.scorer;
const blind = { ...pipeline.checkpoint, scorer: undefined };
const asked = values['without-scorer'] ? Object.create(pipeline, { checkpoint: { value: blind } }) : pipeline;
const segmenter = new CheckpointSegmenter(asked);
const FIRST = vocabulary.things.map(({ names }) => names[0]);
/** A thing may be "pink dog": its first name is that of its last words. */
const firstName = (name) => {
  const words = name.split(' ');
  for (let i = 0; i < words.length; i++) {
    const known = vocabulary.things.find(({ names }) => names.includes(words.slice(i).join(' ')));
    if (known) return known.names[0];
  }
  return undefined;
};
const pictures = (folder) => readdirSync(join(dir, folder)).filter((name) => /^[^.]+\.png$/.test(name));

/** @param isIt whether pixel i belongs to the one and to the other */
function overlap(length, isIt) {
  let [both, either] = [0, 0];
  for (let i = 0; i < length; i++) {
    const [a, b] = isIt(i);
    both += Number(a && b);
    either += Number(a || b);
  }
  return both / either;
}

const found = [];
const absent = [];
const named = [];
for (const [number, file] of pictures('scenes').slice(0, Number(values.scenes)).entries()) {
  const at = (ending) => join(dir, 'scenes', file.replace('.png', ending));
  const { picture } = await decodePicture(at('.png'));
  const truth = await decodeLabels(readFileSync(at('.labels.png')), picture);
  const things = JSON.parse(readFileSync(at('.names.json'), 'utf8')).map(firstName);
  const { labels, items } = await segmenter.segment(picture);
  const areas = areasOf(truth);
  for (const [thing, name] of things.entries()) {
    if (thing === 0 || !areas[thing] || values.names) continue;
    const mask = await segmenter.find(picture, name);
    const iou = mask ? overlap(truth.data.length, (i) => [truth.data[i] === thing, mask.data[i] === 1]) : 0;
    found.push({ file, name, found: Boolean(mask), iou });
    const other = FIRST.filter((one) => !things.includes(one))[(number * 31 + thing * 17) % 50];
    absent.push({ file, name: other, refused: !(await segmenter.find(picture, other)) });
  }
  for (const [item, { name }] of items.entries()) {
    if (item === 0) continue;
    const share = (thing) =>
      overlap(truth.data.length, (i) => [truth.data[i] === thing, labels.data[i] === item]);
    const shares = things.map((_, thing) => share(thing));
    const best = shares.indexOf(Math.max(...shares));
    // "left dog" is a dog
    const said = firstName(name);
    named.push({ file, name, is: things[best], iou: shares[best], said, right: said === things[best] });
  }
}
const photographs = [];
for (const file of pictures('photographs')) {
  const { picture } = await decodePicture(join(dir, 'photographs', file));
  const { items } = await segmenter.segment(picture);
  for (const { name } of items.slice(1)) photographs.push({ file, name, invented: Boolean(firstName(name)) });
  const seen = [];
  for (const word of values.names ? [] : ['dog', 'banana', 'tree', 'house'])
    if (await segmenter.find(picture, word)) seen.push(word);
  photographs.push(...seen.map((word) => ({ file, name: word, invented: true })));
}

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
const percent = (list) =>
  `${list.filter(Boolean).length} of ${list.length} (${Math.round(100 * mean(list.map(Number)))} %)`;
const saying = named.filter(({ said }) => said);
const things = named.filter(({ iou }) => iou > 0.5);
if (!values.names) {
  console.log(
    `things looked for: found ${percent(found.map((one) => one.found))}, mean IoU of all ${mean(found.map(({ iou }) => iou)).toFixed(3)}`,
  );
  console.log(
    `  of those found: mean IoU ${mean(found.filter((one) => one.found).map(({ iou }) => iou)).toFixed(3)}`,
  );
  console.log(`things that are not there: refused ${percent(absent.map(({ refused }) => refused))}`);
}
console.log(`items called something: right ${percent(saying.map(({ right }) => right))}`);
console.log(`items cut well (IoU > 0.5): called what they are ${percent(things.map(({ right }) => right))}`);
console.log(`photographs: invented ${percent(photographs.map(({ invented }) => invented))}`);
for (const { file, name } of photographs.filter(({ invented }) => invented))
  console.log(`  ${file}: ${name}`);
if (values.json) writeFileSync(values.json, JSON.stringify({ found, absent, named, photographs }));
