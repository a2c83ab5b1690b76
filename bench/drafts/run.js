/**
 * How long drafts take, and whether memory stays flat over many of them.
 *
 *     npm run bench:drafts [-- --megapixels 2,12] [--photograph FILE] [--edits 10]
 *
 * The engine is asked as a bot asks it: stored files in, files out, overlay included. The photograph is brought to each
 * size; items are those that it is cut into. At the largest size edits follow each other, each on what the one before
 * left, and the process's memory is printed after each.
 */
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { InProcessEngine } from '../../dist/engine/process/inProcess.js';

const { values } = parseArgs({
  options: {
    megapixels: { type: 'string', default: '2,12' },
    photograph: {
      type: 'string',
      default: fileURLToPath(new URL('../../examples/astronaut.jpg', import.meta.url)),
    },
    edits: { type: 'string', default: '10' },
  },
});
const sizes = values.megapixels.split(',').map(Number);
// drafts are answered before a checkpoint is opened: none is named
const engine = new InProcessEngine({ checkpoint: 'none' });

const KINDS = {
  remove: { kind: 'remove', item: 2 },
  move: { kind: 'move', item: 1, dx: 60, dy: 20 },
  resize: { kind: 'resize', item: 1, scale: 0.8 },
  swap: { kind: 'swap', a: 1, b: 2 },
  copy: { kind: 'copy', item: 2, dx: -200, dy: -40 },
  blue: { kind: 'look', items: [1], others: false, words: 'blue' },
};

async function timed(work) {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { result, cpu: (user + system) / 1e6, wall: (performance.now() - from) / 1e3 };
}
const seconds = ({ cpu, wall }) => `${cpu.toFixed(2)} / ${wall.toFixed(2)}`;
const memory = () => Math.round(process.memoryUsage.rss() / 1e6);

console.log('seconds of processor time / of wall time, files in and out\n');
let scene;
for (const size of sizes) {
  scene = await cut(size);
  console.log(`${size} megapixels, ${scene.width}x${scene.height}, ${scene.items.length} items`);
  for (const [name, edit] of Object.entries(KINDS)) {
    const done = await timed(() => engine.edit(scene, edit, { seed: 1 }));
    console.log(`  ${name.padEnd(8)}${seconds(done)}`);
  }
}

console.log(`\n${values.edits} edits in a row at ${sizes.at(-1)} megapixels: memory in MB`);
const after = [];
for (let k = 0; k < Number(values.edits); k++) {
  const sideways = k % 2 === 0 ? 40 : -40;
  const edit =
    k % 3 === 2
      ? { kind: 'resize', item: 1, scale: k % 2 === 0 ? 1.05 : 0.95 }
      : { kind: 'move', item: 1, dx: sideways, dy: 0 };
  const done = await timed(() => engine.edit(scene, edit, { seed: k }));
  scene = done.result;
  after.push(memory());
  console.log(`  ${edit.kind.padEnd(8)}${seconds(done)}  ${after.at(-1)}`);
}
const half = Math.floor(after.length / 2);
const [early, late] = [after.slice(0, half), after.slice(half)].map((part) => Math.max(...part));
console.log(`largest of the first ${half}: ${early} MB, of the others: ${late} MB`);

async function cut(size) {
  const { width, height } = await sharp(values.photograph).metadata();
  const scale = Math.sqrt((size * 1e6) / (width * height));
  const bytes = await sharp(values.photograph)
    .resize(Math.round(width * scale), Math.round(height * scale), { fit: 'fill' })
    .jpeg({ quality: 92 })
    .toBuffer();
  return await engine.segment(bytes);
}
