/**
 * What pocket draws, on scenes that nothing was learned or chosen on: what a person asks for by words is drawn from noise
 * (no draft helps) through the same engine that people use, and named by the scorer.
 *
 *     python bench/drawable/pictures.py SCENES 200 920001
 *     npm run bench:pocket -- SCENES --out OUT [--scenes 200] [--associated 20] [--checkpoint pocket] [--judge pocket]
 *                             [--seed 42] [--tries N] [--threads N] [--limit SECONDS]
 *
 * Each scene's largest thing becomes another thing, and itself in a colour; in the first `--associated` scenes the picture
 * is learned first, then it becomes the same thing, and all of the picture is drawn anew. Goes on where it was broken off.
 * The judge is the scorer that chose among candidates: it thinks better of them than others do (training/pocket/README.md).
 * Name another one with `--judge`, or draw with `--tries 1`. OUT/results.json has every row, OUT/edits.png the first 24 edits without choice, before and after, four times enlarged.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { Editor, encodePng } from '../../dist/engine/editor.js';
import { scenesIn } from '../ditem/cases.js';
import { Judge } from '../ditem/measure.js';
import { inRows, sheet } from '../sheet.js';
import { asked } from './edits.js';
import { table } from './table.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string' },
    scenes: { type: 'string', default: '200' },
    associated: { type: 'string', default: '20' },
    checkpoint: { type: 'string', default: 'pocket' },
    judge: { type: 'string', default: 'pocket' },
    seed: { type: 'string', default: '42' },
    tries: { type: 'string' },
    threads: { type: 'string', default: '0' },
    limit: { type: 'string', default: 'Infinity' },
  },
});
const [dir] = positionals;
const { out } = values;
if (!dir || !out) throw new Error('name the folder that pictures.py wrote, and --out FOLDER for the results');
mkdirSync(join(out, 'units'), { recursive: true });
const threads = Number(values.threads) || undefined;
const editor = Editor.open(resolveCheckpoint(values.checkpoint), { threads, safety: 'off' });
const judge = new Judge(Editor.open(resolveCheckpoint(values.judge), { threads }).pipeline);
const options = { seed: Number(values.seed), ...(values.tries ? { tries: Number(values.tries) } : {}) };
const until = Date.now() + 1000 * Number(values.limit);

const rows = [];
for (const [at, number] of scenesIn(dir).slice(0, Number(values.scenes)).entries()) {
  for (const variant of at < Number(values.associated) ? ['names', 'grouped'] : ['names']) {
    const file = join(out, 'units', `${number}-${variant}.json`);
    if (!existsSync(file)) {
      if (Date.now() > until) continue;
      const start = Date.now();
      const { given, drawn, found } = await asked({ editor, judge, dir, options }, number, variant);
      const both = await Promise.all([given, drawn].map((picture) => encodePng(picture)));
      const pair = await sheet([both], { width: given.width, height: given.height, gap: 0 });
      await pair.png().toFile(join(out, 'units', `${number}-${variant}.png`));
      const seconds = (Date.now() - start) / 1000;
      writeFileSync(`${file}.part`, JSON.stringify({ seconds, rows: found }));
      renameSync(`${file}.part`, file);
      console.error(`scene ${number}, ${variant}: ${seconds.toFixed(1)} s`);
    }
    rows.push(...JSON.parse(readFileSync(file, 'utf8')).rows);
  }
}

const shown = scenesIn(dir)
  .map((number) => join(out, 'units', `${number}-names.png`))
  .filter((name) => existsSync(name))
  .slice(0, 24);
if (shown.length > 0) {
  const edits = await sheet(inRows(shown, 3), { width: 1024, height: 512, gap: 8 });
  await edits.png().toFile(join(out, 'edits.png'));
}
writeFileSync(join(out, 'results.json'), JSON.stringify({ ...values, rows }, null, 1));
console.log(table(rows));
