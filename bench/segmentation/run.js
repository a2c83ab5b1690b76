/**
 * The first overlay: how long each part of it takes, and how well pictures are cut.
 *
 *     python bench/drawable/pictures.py DIR 60 910001
 *     npm run bench:segmentation -- DIR [--outlines DIR] [--overlays DIR] [--checkpoint pocket] [--only WORD]
 *
 * Photographs are brought to two megapixels and timed, each part by itself (the network's look for people, the cut alone, and
 * with the names that the checkpoint knows) and the whole as a bot does it, which is done first: the graphs are compiled by then. Scenes are
 * compared with their label maps. `--outlines` names what training/judge/outlines.py wrote of pictures with
 * outlines that people drew; `--overlays` keeps the photographs' overlays, to look at. Use a seed that nothing was fitted on.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { resolveCheckpoint } from '../../dist/app/checkpoints.js';
import { resizeRaster } from '../../dist/engine/compositing/resize.js';
import {
  decodeLabels,
  decodePicture,
  drawOverlay,
  Editor,
  encodeLabels,
  encodePng,
} from '../../dist/engine/editor.js';
import { InProcessEngine } from '../../dist/engine/process/inProcess.js';
import { NETWORK_SIDE } from '../../dist/engine/segmentation/person/network.js';
import { look } from '../../dist/engine/segmentation/person/person.js';
import { segment } from '../../dist/engine/segmentation/segment.js';
import { bestOverlaps, covering } from './agreement.js';

const PIXELS = 2e6;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    checkpoint: { type: 'string', default: 'pocket' },
    outlines: { type: 'string' },
    overlays: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const [dir] = positionals;
if (!dir) throw new Error('name the folder that pictures.py wrote');
const checkpoint = resolveCheckpoint(values.checkpoint);
if (values.overlays) mkdirSync(values.overlays, { recursive: true });

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
const picturesIn = (folder) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => /^[^.]+\.(png|jpg)$/.test(name)) : [];

if ('photographs'.includes(values.only)) await photographs();
if ('scenes'.includes(values.only)) await scenes();
if (values.outlines) await outlines(values.outlines);

/** Seconds of processor and of wall time, and what came of it. */
async function timed(work) {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, cpu: (user + system) / 1e6, wall: (performance.now() - from) / 1e3 };
}

async function photographs() {
  const editor = Editor.open(checkpoint);
  const engine = new InProcessEngine({ checkpoint });
  const parts = ['decode', 'people', 'cut', 'and named', 'overlay', 'files', 'whole'];
  console.log(`photographs of 2 megapixels: seconds of processor time / of wall time\n`);
  console.log(['photograph'.padEnd(22), ...parts.map((part) => part.padEnd(13)), 'items'].join(''));
  const rows = [];
  for (const file of ['first', ...picturesIn(join(dir, 'photographs'))]) {
    // the first picture of a process also waits for graphs to be compiled: it is told apart
    const name = file === 'first' ? picturesIn(join(dir, 'photographs'))[0] : file;
    const bytes = await twoMegapixels(join(dir, 'photographs', name));
    const whole = await timed(() => engine.segment(bytes));
    const decode = await timed(() => decodePicture(bytes));
    const { picture } = decode.result;
    const square = await resizeRaster(picture, NETWORK_SIDE, NETWORK_SIDE);
    const people = await timed(() => look(square));
    const cut = await timed(() => segment(picture));
    const { labels, items } = cut.result;
    const names = await timed(() => editor.segmenter.segment(picture));
    const overlay = await timed(() => drawOverlay(picture, labels, items));
    const files = await timed(() =>
      Promise.all([encodePng(picture), encodeLabels(labels), encodePng(overlay.result)]),
    );
    const row = [decode, people, cut, names, overlay, files, whole];
    if (file !== 'first') rows.push(row);
    const cells = row.map(({ cpu, wall }) => `${cpu.toFixed(2)} / ${wall.toFixed(2)}`.padEnd(13));
    const label = (file === 'first' ? `${name} (first)` : name).padEnd(22);
    console.log([label, ...cells, whole.result.items.map((item) => item.name).join(', ')].join(''));
    if (values.overlays)
      await sharp(whole.result.overlay).toFile(join(values.overlays, `${name}.overlay.png`));
  }
  const cells = parts.map((_, k) => {
    const of = (what) => mean(rows.map((row) => row[k][what])).toFixed(2);
    return `${of('cpu')} / ${of('wall')}`.padEnd(13);
  });
  const counts = rows.map((row) => row.at(-1).result.items.length);
  console.log(['mean'.padEnd(22), ...cells, `${mean(counts).toFixed(1)} items`].join(''));
}

async function twoMegapixels(file) {
  const { width, height } = await sharp(file).metadata();
  const scale = Math.sqrt(PIXELS / (width * height));
  return await sharp(file)
    .resize(Math.round(width * scale), Math.round(height * scale), { fit: 'fill' })
    .jpeg({ quality: 92 })
    .toBuffer();
}

async function scenes() {
  const folder = join(dir, 'scenes');
  const [overlaps, extra] = [[], []];
  for (const file of picturesIn(folder)) {
    const { picture } = await decodePicture(join(folder, file));
    const truth = await decodeLabels(
      readFileSync(join(folder, file.replace('.png', '.labels.png'))),
      picture,
    );
    const { labels, items } = await segment(picture);
    const best = bestOverlaps(truth.data, labels.data).slice(1);
    overlaps.push(...best);
    extra.push(items.length - 1 - best.length);
    console.error(
      `${file}: ${best.map((x) => x.toFixed(2)).join(' ')}, ${items.length - 1} for ${best.length}`,
    );
  }
  if (overlaps.length === 0) return;
  const good = overlaps.filter((x) => x > 0.7).length / overlaps.length;
  const figures = `mean best IoU ${mean(overlaps).toFixed(3)}, ${(100 * good).toFixed(0)} % above 0.7`;
  console.log(
    `\nscenes: ${overlaps.length} things, ${figures}; ${mean(extra).toFixed(2)} items too many a scene`,
  );
}

async function outlines(folder) {
  const [coverings, counts] = [[], []];
  for (const file of picturesIn(folder)) {
    const stem = file.replace(/\.[^.]+$/, '');
    const drawn = readdirSync(folder).filter(
      (name) => name.startsWith(`${stem}.`) && name.endsWith('.labels.png'),
    );
    const { picture } = await decodePicture(join(folder, file));
    const { labels, items } = await segment(picture);
    const people = [];
    for (const name of drawn)
      people.push((await decodeLabels(readFileSync(join(folder, name)), picture)).data);
    coverings.push(mean(people.map((truth) => covering(truth, labels.data))));
    counts.push(items.length);
    console.error(`${file}: ${coverings.at(-1).toFixed(3)}, ${items.length} items`);
  }
  const few = counts.filter((count) => count < 3).length;
  console.log(
    `outlines: ${counts.length} pictures, region covering ${mean(coverings).toFixed(3)}, ` +
      `${mean(counts).toFixed(1)} items (${few} pictures with fewer than three)`,
  );
}
