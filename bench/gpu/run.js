/**
 * What `dedit bench` measures, on a machine with a GPU: SD 1.5, SD-Turbo and SDXL in their real shapes with random weights, on CUDA
 * and on WebGPU, beside PyTorch eager. Nothing is downloaded; README.md has how it travels.
 *
 *     npm run bench:gpu -- --out OUT [--devices cuda,webgpu] [--shapes sd15,sd-turbo,sdxl] [--only CASE]…
 *                          [--runs N] [--cells N] [--minutes 9] [--rehearse]
 *
 * OUT/gpu.json has every row and OUT/gpu.md the table, written anew after each case. What is there is not measured again, so
 * that it can be done in parts: it ends by itself after `--minutes` and goes on when it is called again. `--only` measures
 * those cases again. `--rehearse` is for a machine without a GPU: small shapes on the CPU and on SwiftShader, each row once, and
 * status 1 where a row has an error.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchRows, checkpointOf } from '../../dist/cli/bench.js';
import { namesOf } from '../../dist/cli/benchCases.js';
import { rowLines } from '../../dist/cli/benchTable.js';
import { precisionOn } from '../../dist/engine/editor.js';
import { bringLibraries, described } from './machine.js';
import { REHEARSAL, useSwiftshader } from './rehearsal.js';
import { markdown } from './table.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    devices: { type: 'string' },
    shapes: { type: 'string' },
    only: { type: 'string', multiple: true },
    runs: { type: 'string' },
    cells: { type: 'string' },
    minutes: { type: 'string' },
    rehearse: { type: 'boolean', default: false },
  },
});
const usual = values.rehearse
  ? REHEARSAL
  : { devices: 'cuda,webgpu', shapes: 'sd15,sd-turbo,sdxl', minutes: '9' };
const { devices, shapes, minutes } = { ...usual, ...values };
if (!values.out) throw new Error('name a folder for the results: --out OUT');
mkdirSync(values.out, { recursive: true });
const file = join(values.out, 'gpu.json');
const until = Date.now() + 60_000 * Number(minutes);
bringLibraries();
if (values.rehearse) useSwiftshader();

const machine = [...described(), ...(values.rehearse ? [REHEARSAL.said] : [])];
console.log(machine.join('\n'));
const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).rows : [];
const rows = new Map(before.map((row) => [keyOf(row), row]));
const silent = [];

const all = await parts();
const lanes = values.rehearse
  ? devices.split(',').map((own) => all.filter(({ device }) => device === own))
  : [all];
// both lanes' checkpoints, written once
if (values.rehearse) for (const shape of shapes.split(',')) checkpointOf(shape);
await Promise.all(
  lanes.map(async (lane) => {
    for (const part of lane) for (const name of part.names) await measure(part, name);
  }),
);
const failed = [...rows.values()].filter(({ error }) => error);
console.log(`${rows.size} rows in ${values.out}: gpu.json, gpu.md; ${failed.length} of them with errors`);
for (const row of failed) console.log(`${keyOf(row)}: ${row.error}`);
if (values.rehearse && failed.length + silent.length > 0) process.exitCode = 1;

function keyOf({ device, shape, precision, case: name, batch }) {
  return [device, shape, precision, name, batch].join(' ');
}

/** What is measured where: all cases in halves where the device has them; parity, and what is drawn with, in float32. */
async function parts() {
  const out = [];
  for (const device of devices.split(',')) {
    const best = await precisionOn(device).catch((error) => {
      console.log(error.message);
      silent.push(device);
    });
    if (best === undefined) continue;
    for (const shape of shapes.split(',')) {
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
    console.log(`${minutes} minutes are over: call again for ${device} ${shape} ${precision} ${name} and on`);
    process.exit(0);
  }
  const start = Date.now();
  const flags = {
    ...{
      device,
      shape,
      precision,
      only: [name],
      placement: device !== 'cpu',
      ...usual.flags?.(device, name),
      ...more,
    },
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
