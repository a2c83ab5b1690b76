/**
 * Completion beside OpenCV's Telea, Navier-Stokes, FSR and shift-map, in one run over the same pictures and holes.
 *
 *     DEDIT_PYTHON=python npm run bench:completion [-- --out DIR] [--only WORD] [--limit SECONDS] [--ours]
 *         [--seed N]
 *
 * Times are processor time, so that other work on the machine does not count. The Python needs
 * opencv-contrib-python-headless, scikit-image and, for two more photographs, scikit-learn. With --out the pictures
 * stay, and OpenCV's are not made again; --ours makes none of theirs, and shows those that are there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { complete } from '../../dist/engine/draft/complete.js';
import { fringeAndShadow } from '../../dist/engine/draft/shadow.js';
import { caseNames, makeCase } from './cases.js';
import { measure } from './measure.js';

const THEIRS = ['telea', 'ns', 'fsr', 'shiftmap'];
const SIZES = [
  [900, 640],
  [3000, 2000],
];

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    only: { type: 'string', default: '' },
    limit: { type: 'string', default: '60' },
    ours: { type: 'boolean', default: false },
    seed: { type: 'string', default: '0' },
  },
});
const python = process.env.DEDIT_PYTHON;
if (!python) {
  console.error('name a Python that has opencv-contrib-python-headless and scikit-image: DEDIT_PYTHON=… ');
  process.exit(1);
}
const folder = values.out ?? mkdtempSync(join(tmpdir(), 'dedit-completion-'));
const photographs = join(folder, 'photographs');
mkdirSync(photographs, { recursive: true });
call('photographs', photographs);

const names = caseNames(SIZES).filter((name) => name.includes(values.only));
for (const name of names) {
  if (existsSync(join(folder, `${name}.hole.png`))) continue;
  const { width, height, picture, hole } = await makeCase(name, photograph);
  const raw = (channels) => ({ raw: { width, height, channels } });
  await sharp(picture, raw(3))
    .png()
    .toFile(join(folder, `${name}.png`));
  const white = hole.map((value) => value * 255);
  await sharp(white, raw(1))
    .toColourspace('b-w')
    .png()
    .toFile(join(folder, `${name}.hole.png`));
}
if (!values.ours) call('fill', folder, values.limit);

const rows = [];
for (const name of names) {
  rows.push(await row(name));
  console.error(`${name} ${JSON.stringify(rows.at(-1).dedit)}`);
}
writeFileSync(join(folder, 'rows.json'), JSON.stringify(rows, null, 1));
print(rows);
if (!values.out) rmSync(folder, { recursive: true });

function call(...args) {
  const script = fileURLToPath(new URL('opencv.py', import.meta.url));
  const { status } = spawnSync(python, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(status ?? 1);
}

async function photograph(name) {
  return read(join(photographs, `${name}.png`));
}

async function read(path) {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

async function row(name) {
  const { width, height, truth, picture, hole, item, shade } = await makeCase(name, photograph);
  const mask = (data) => ({ width, height, data });
  const sources = hole.map((value) => 1 - value);
  const holed = Uint8Array.from(picture);
  for (let i = 0; i < hole.length; i++) if (hole[i]) holed.fill(0, i * 3, i * 3 + 3);
  const start = process.cpuUsage();
  const ours = complete(mask(holed), mask(hole), mask(sources), { seed: Number(values.seed) });
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  await sharp(ours.data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(folder, `${name}.dedit.png`));
  const result = { name, dedit: { ms, ...measure(ours.data, truth, hole, width, height) } };
  for (const method of THEIRS) {
    const told = join(folder, `${name}.${method}.json`);
    if (!existsSync(told)) continue;
    const { ms: theirs } = JSON.parse(readFileSync(told, 'utf8'));
    if (theirs === null) result[method] = { ms: null };
    else {
      const { data } = await read(join(folder, `${name}.${method}.png`));
      result[method] = { ms: theirs, ...measure(data, truth, hole, width, height) };
    }
  }
  if (item) result.shadow = await shadowLeft(name, mask(picture), item, shade, truth, mask);
  return result;
}

/** What the removal of the item alone leaves of its shadow: how much darker than the truth, of 255. */
async function shadowLeft(name, picture, item, shade, truth, mask) {
  const ground = mask(item.map((value) => 1 - value));
  const hole = fringeAndShadow(picture, mask(item), ground);
  const sources = mask(hole.data.map((value, i) => (value ? 0 : ground.data[i])));
  const { data } = complete(picture, hole, sources);
  const { width, height } = picture;
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(folder, `${name}.removed.png`));
  const darker = (pixels) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < shade.length; i++) {
      if (!shade[i]) continue;
      for (let c = 0; c < 3; c++) sum += truth[i * 3 + c] - pixels[i * 3 + c];
      count += 3;
    }
    return sum / count;
  };
  return { before: darker(picture.data), after: darker(data) };
}

function print(rows) {
  const number = (value, digits) => (value === undefined || value === null ? '–' : value.toFixed(digits));
  const columns = ['dedit', ...THEIRS];
  console.log(`tone error of 255 / texture (1 is right) / seam / seconds of processor time\n`);
  console.log(`${'case'.padEnd(24)}${columns.map((name) => name.padEnd(28)).join('')}shadow left`);
  for (const row of rows) {
    const cells = columns.map((name) => {
      const cell = row[name];
      if (!cell) return ''.padEnd(28);
      const parts = [
        number(cell.tone, 1),
        number(cell.texture, 2),
        number(cell.seam, 1),
        number(cell.ms && cell.ms / 1000, 2),
      ];
      return parts
        .map((part) => part.padStart(5))
        .join(' ')
        .padEnd(28);
    });
    const shadow = row.shadow ? `${number(row.shadow.before, 1)} -> ${number(row.shadow.after, 1)}` : '';
    console.log(`${row.name.padEnd(24)}${cells.join('')}${shadow}`);
  }
  const compared = rows.filter((row) => row.shiftmap?.tone !== undefined);
  const share = (test) =>
    `${Math.round((100 * compared.filter(test).length) / compared.length)} % of ${compared.length}`;
  console.log(`\ntone no worse than shift-map's: ${share((row) => row.dedit.tone <= row.shiftmap.tone)}`);
  const fine = rows.filter((row) => row.dedit.texture >= 0.85 && row.dedit.texture <= 1.15).length;
  console.log(`texture 0.85–1.15: ${fine} of ${rows.length}`);
  console.log(`six times as fast as shift-map: ${share((row) => row.shiftmap.ms >= 6 * row.dedit.ms)}`);
  const left = rows.filter((row) => row.shadow).map((row) => row.shadow.after);
  if (left.length > 0) console.log(`shadow left: at most ${number(Math.max(...left), 1)} of 255`);
}
