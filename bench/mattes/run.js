/**
 * How near mattes are to the truth, where it is known, beside pymatting's.
 *
 *     python bench/mattes/things.py DIR 24 7012
 *     DEDIT_PYTHON=python npm run bench:mattes -- DIR [--ours] [--kept]
 *     node bench/mattes/sheet.js DIR OUT.png 003.true 050.wide …      what they look like on another ground
 *
 * Each thing is cut out along its outline, and along three that are a pixel off. The others get the same pixels and, as a
 * trimap, the band that ours works in; their alphas' colours are the multi-level foreground. A cell is ours / closed-form / KNN;
 * without pymatting, or with `--ours`, ours alone; with `--kept` pymatting's are those of the run before. Errors of alpha and of
 * the picture with the thing on another ground are summed over the picture and told a pixel of outline.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cutAlong, cutoutFrom } from '../../dist/engine/draft/cut.js';
import { soften } from '../../dist/engine/draft/matte.js';
import { mean } from '../ditem/statistics.js';
import { outlinesOf, readCutout, readThing, writeCut, writeCutout } from './cases.js';
import { errorsOf } from './errors.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { ours: { type: 'boolean' }, kept: { type: 'boolean' } },
});
const [dir] = positionals;
if (!dir) throw new Error('name the folder that things.py wrote');
const cuts = join(dir, 'cuts');
if (!values.kept) rmSync(cuts, { recursive: true, force: true });
mkdirSync(cuts, { recursive: true });
const names = readdirSync(dir).flatMap((file) => (file.endsWith('.json') ? [file.replace('.json', '')] : []));

const all = [];
for (const name of names) {
  const thing = await readThing(dir, name);
  for (const [outline, mask] of Object.entries(outlinesOf(thing.mask))) {
    const path = join(cuts, `${name}.${outline}`);
    const start = process.cpuUsage();
    const cut = cutAlong(thing.picture, mask);
    const hard = { ...cut, colours: Uint8Array.from(cut.colours) };
    soften(cut);
    const { user, system } = process.cpuUsage(start);
    const cutout = cutoutFrom(cut);
    await writeCut(path, hard);
    await writeCutout(`${path}.ours.png`, cutout);
    const ours = { ...errorsOf(thing, cutout), ms: (user + system) / 1000 };
    all.push({ thing, outline, path, box: cut.box, length: lengthOf(mask), ours });
  }
}
const methods = ['ours', ...(arePublishedMade() ? ['cf', 'knn'] : [])];
for (const one of all) {
  for (const method of methods.slice(1)) {
    const took = JSON.parse(readFileSync(`${one.path}.json`, 'utf8'));
    const cutout = await readCutout(`${one.path}.${method}.png`, one.box);
    one[method] = { ...errorsOf(one.thing, cutout), ms: took[method] };
  }
}

console.log('| thing, outline | on another ground | alpha | alpha, squared, of 1 | colours | ms |');
console.log('| --- | --- | --- | --- | --- | --- |');
const by = (keyOf) => {
  for (const key of new Set(all.map(keyOf)))
    line(
      key,
      all.filter((one) => keyOf(one) === key),
    );
};
by(({ thing, outline }) => `${thing.thing}, ${outline}`);
by(({ thing }) => `all on ${thing.ground}`);
line('all', all);

function line(name, cases) {
  const cell = (digits, value) =>
    methods
      .map((method) => mean(cases.map((one) => value(one[method], one.length))).toFixed(digits))
      .join(' / ');
  const cells = [
    cell(1, ({ onto }, length) => onto / length),
    cell(1, ({ alpha }, length) => alpha / length),
    cell(3, ({ squared }, length) => squared / length),
    cell(1, ({ colours }) => colours),
    cell(0, ({ ms }) => ms),
  ];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}

/** Pixels whose next one to the right or below is on the other side. */
function lengthOf({ width, data }) {
  return data.reduce((sum, value, i) => sum + Number(value !== data[i + 1] || value !== data[i + width]), 0);
}

function arePublishedMade() {
  if (values.ours || values.kept) return Boolean(values.kept);
  const python = process.env.DEDIT_PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', 'import pymatting']).status !== 0) {
    console.log(
      `ours alone: ${python} has no pymatting (pip install pymatting; DEDIT_PYTHON names another Python)\n`,
    );
    return false;
  }
  const script = fileURLToPath(new URL('published.py', import.meta.url));
  const { status } = spawnSync(python, [script, cuts], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  return true;
}
