/**
 * What `dedit bench` measures, on a machine with a GPU: SD 1.5, SD-Turbo and SDXL in their real shapes with random weights, on CUDA
 * and on WebGPU, beside PyTorch eager. Nothing is downloaded; README.md has how it travels.
 *
 *     npm run bench:gpu -- --out OUT [--devices cuda,webgpu] [--shapes sd15,sd-turbo,sdxl] [--only CASE ...]
 *                          [--runs N] [--cells N] [--minutes 9]
 *
 * OUT/gpu.json has every row and OUT/gpu.md the table, written anew after each case. What is there is not measured again, so
 * that it can be done in parts: it ends by itself after `--minutes` and goes on when it is called again. `--only` measures
 * those cases again. Rehearsal on a machine without a GPU: `--devices cpu --shapes tiny,tiny-xl`, or webgpu on SwiftShader.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchRows } from '../../dist/cli/bench.js';
import { namesOf } from '../../dist/cli/benchCases.js';
import { rowLines } from '../../dist/cli/benchTable.js';
import { precisionOn } from '../../dist/engine/editor.js';
import { bringLibraries, described } from './machine.js';
import { markdown } from './table.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    devices: { type: 'string', default: 'cuda,webgpu' },
    shapes: { type: 'string', default: 'sd15,sd-turbo,sdxl' },
    only: { type: 'string', multiple: true },
    runs: { type: 'string' },
    cells: { type: 'string' },
    minutes: { type: 'string', default: '9' },
  },
});
if (!values.out) throw new Error('name a folder for the results: --out OUT');
mkdirSync(values.out, { recursive: true });
const file = join(values.out, 'gpu.json');
const until = Date.now() + 60_000 * Number(values.minutes);
bringLibraries();

const machine = described();
console.log(machine.join('\n'));
const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).rows : [];
const rows = new Map(before.map((row) => [keyOf(row), row]));
const devices = values.devices.split(',');

for (const part of await parts()) for (const name of part.names) await measure(part, name);
console.log(`${rows.size} rows in ${values.out}: gpu.json, gpu.md`);

function keyOf({ device, shape, precision, case: name, batch }) {
  return [device, shape, precision, name, batch].join(' ');
}

/** What is measured where: all cases in halves where the device has them; parity, and what is drawn with, in float32. */
async function parts() {
  const out = [];
  for (const device of devices) {
    const best = await precisionOn(device).catch((error) => {
      console.log(error.message);
      return undefined;
    });
    if (best === undefined) continue;
    for (const shape of values.shapes.split(',')) {
      const names = namesOf(shape, device).filter((name) => !values.only || values.only.includes(name));
      const exact = names.filter((name) => !name.startsWith('halves'));
      if (best === 'full') {
        // the CPU rounds its own halves, other devices would say that they have none
        out.push({ device, shape, precision: 'full', names: device === 'cpu' ? names : exact });
        continue;
      }
      const parity = (name) => name.startsWith('parity');
      const both = ['forward', 'guided step', 'lora', 'edit'];
      out.push({ device, shape, precision: 'half', names: names.filter((name) => !parity(name)) });
      out.push({
        device,
        shape,
        precision: 'full',
        names: exact.filter((name) => parity(name) || both.includes(name)),
      });
    }
  }
  return out;
}

async function measure({ device, shape, precision, names: _, ...more }, name) {
  const known = [...rows.values()].some(
    (row) => row.device === device && row.shape === shape && row.precision === precision && row.case === name,
  );
  if (known && !values.only) return;
  if (Date.now() > until) {
    console.log(
      `${values.minutes} minutes are over: call again for ${device} ${shape} ${precision} ${name} and on`,
    );
    process.exit(0);
  }
  const start = Date.now();
  const flags = {
    ...{ device, shape, precision, only: [name], placement: device !== 'cpu', ...more },
    ...(values.runs ? { runs: Number(values.runs) } : {}),
    ...(values.cells ? { cells: Number(values.cells) } : {}),
  };
  await benchRows(flags, (row) => {
    const own = { device, shape, precision, ...row };
    rows.set(keyOf(own), own);
    console.log(`${device} ${shape} ${precision} (${Math.round((Date.now() - start) / 1000)} s)`);
    console.log(rowLines(row).join('\n'));
    const all = [...rows.values()];
    writeFileSync(file, JSON.stringify({ machine, rows: all }, null, 2));
    writeFileSync(join(values.out, 'gpu.md'), markdown(machine, all));
  });
}
