/**
 * D-Edit's own tables (arXiv 2403.04880, tables 1 to 3 and the ablations of figure 12) over scenes whose truth is known.
 *
 *     python bench/drawable/pictures.py DIR 100 900011
 *     npm run bench:ditem -- DIR --out OUT [--scenes 100] [--pairs N] [--quick] [--only WORD,WORD]
 *                            [--checkpoint pocket] [--judge pocket] [--seed 42] [--threads N] [--limit SECONDS]
 *                            [--finetune-steps A,B] [--stops-early] [--parts text,image,later] [--clip DIR]
 *
 * Goes on where it was broken off: what OUT holds of a variant and a scene is not done again. OUT/results.json has every
 * row, OUT/tables.md the tables, OUT/sheet.png a row of pictures a scene. Nothing is drafted: everything is drawn from noise.
 * With every unit it says how much processor time the others will take, by what those of its kind took.
 * `--clip`: a CLIPModel's folder, which adds the paper's CLIP-T and CLIP-I to what the checkpoint's own scorer says.
 * `--stops-early`: learning ends where it no longer helps, as it does for people; without it every step is taken.
 * `--quick`: one item, two prompts and one reference a scene, instead of two, five and two.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { Editor, encodePng } from '../../dist/engine/editor.js';
import { scenesIn } from './cases.js';
import { Clip } from './clip.js';
import { Drawer } from './edits.js';
import { Judge } from './measure.js';
import { writeSheets } from './sheet.js';
import { Spent } from './spent.js';
import { tables } from './tables.js';
import { imageUnit, laterUnit, textUnit } from './units.js';
import { IMAGE_VARIANTS, VARIANTS } from './variants.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    scenes: { type: 'string', default: '100' },
    pairs: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    checkpoint: { type: 'string', default: 'pocket' },
    judge: { type: 'string', default: 'pocket' },
    seed: { type: 'string', default: '42' },
    threads: { type: 'string', default: '0' },
    limit: { type: 'string', default: 'Infinity' },
    'finetune-steps': { type: 'string' },
    'stops-early': { type: 'boolean', default: false },
    parts: { type: 'string', default: 'text,later,image' },
    clip: { type: 'string' },
  },
});
const [dir] = positionals;
if (!dir || !values.out)
  throw new Error('name the folder that pictures.py wrote, and --out FOLDER for the results');
const sizes = values.quick
  ? { items: 1, prompts: 2, references: 1 }
  : { items: 2, prompts: 5, references: 2 };
const out = values.out;
mkdirSync(join(out, 'units'), { recursive: true });
mkdirSync(join(out, 'pictures'), { recursive: true });
const threads = Number(values.threads) || undefined;
const editor = Editor.open(resolveCheckpoint(values.checkpoint), { threads, safety: 'off' });
const judge = new Judge(Editor.open(resolveCheckpoint(values.judge), { threads }).pipeline);
const clip = values.clip && new Clip(values.clip, join(out, 'clip'));
const until = Date.now() + 1000 * Number(values.limit);

const steps = values['finetune-steps']?.split(',').map(Number);
const taught = { ...(steps && { steps }), stopsEarly: values['stops-early'] };

const numbers = scenesIn(dir);
const among = (list, one) => list === undefined || list.split(',').includes(one);
const wanted = ({ part, variant }) => among(values.only, variant) && among(values.parts, part);
const UNITS = { text: textUnit, image: imageUnit, later: laterUnit };
const units = [];
// scene by scene, so that a run that is broken off compares all variants over the same scenes
for (const [at, number] of numbers.slice(0, Number(values.scenes)).entries()) {
  const isPair = at < Number(values.pairs ?? values.scenes);
  const other = numbers[(at + 1) % numbers.length];
  for (const variant of Object.keys(VARIANTS)) {
    units.push({ part: 'text', variant, number });
    // what is learned of the scene alone is at hand
    if (variant === 'grouped' && isPair) units.push({ part: 'later', variant, number, other });
  }
  for (const variant of isPair ? IMAGE_VARIANTS : []) units.push({ part: 'image', variant, number, other });
}

const rows = [];
const fileOf = ({ part, variant, number }) => join(out, 'units', `${part}-${number}-${variant}.json`);
const all = units.filter(wanted);
const spent = new Spent();
for (const [done, { part, variant, number, other }] of all.entries()) {
  const file = fileOf({ part, variant, number });
  if (!existsSync(file)) {
    if (Date.now() > until) continue;
    const start = spent.now;
    const drawer = new Drawer(editor, variant, Number(values.seed), taught);
    const what = { dir, drawer, judge, clip, sizes };
    const found = await UNITS[part](what, number, other);
    for (const [i, one] of found.pictures.entries()) {
      for (const [kind, picture] of Object.entries(one).filter(([, value]) => value?.data))
        writeFileSync(
          join(out, 'pictures', `${part}-${number}-${variant}-${i}-${kind}.png`),
          await encodePng(picture),
        );
    }
    const seconds = spent.now - start;
    const kept = { seconds, names: found.pictures.map(({ name }) => name), rows: found.rows };
    writeFileSync(`${file}.part`, JSON.stringify(kept));
    renameSync(`${file}.part`, file);
    spent.took(part, variant, seconds);
    const left = spent.left(all.slice(done + 1).filter((unit) => !existsSync(fileOf(unit))));
    console.error(
      `${done + 1} of ${all.length}: ${part}, scene ${number}, ${variant}: ${seconds.toFixed(0)} s of processor time, ${left} to come`,
    );
  }
  const kept = JSON.parse(readFileSync(file, 'utf8'));
  spent.took(part, variant, kept.seconds);
  rows.push(...kept.rows.map((row) => ({ variant, ...row })));
}
writeFileSync(join(out, 'results.json'), JSON.stringify({ ...values, sizes, rows }, null, 1));
const text = tables(rows);
writeFileSync(join(out, 'tables.md'), text);
await writeSheets(out, rows);
console.log(text);
