/**
 * Everything that `run.js` needs, for a machine without a network that has Python with PyTorch, transformers and peft:
 *
 *     npm run --silent prepare && node bench/gpu/pack.js OUT [--megabytes 60] [--python diffusers] [--lib FILE ...]
 *
 * OUT/part-00, -01, … of at most so many megabytes are one .tar.xz: our compiled code, the packages that `dedit bench` imports,
 * this Node, Python packages by name (of DEDIT_PYTHON), and libraries such as libvulkan.so.1. There:
 * `cat part-* | tar -xJ && cd dedit && bin/node bench/gpu/run.js --out OUT`.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = resolve(new URL('../..', import.meta.url).pathname);
/** What is started, and what that starts. */
const ENTRIES = ['dist/cli/index.js', 'dist/engine/runtime/probeChild.js', 'bench/gpu/run.js'];
/** What index.js imports only when it is told to. */
const LATER = ['dist/cli/bench.js', 'dist/cli/benchCase.js'];
/** Folders of onnxruntime-node and sharp for other systems. */
const ELSEWHERE = /\/napi-v\d+\/(darwin|win32|linux\/arm64)|@img\/sharp-(libvips-)?(?!libvips|linux-x64)/;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '60' },
    python: { type: 'string', multiple: true, default: ['diffusers'] },
    lib: { type: 'string', multiple: true, default: [] },
  },
});
const [out] = positionals;
if (!out) throw new Error('name a folder for the parts');

const stage = join(mkdtempSync(join(tmpdir(), 'dedit-gpu-')), 'dedit');
const bring = (path, to = path) => {
  const from = resolve(ROOT, path);
  cpSync(from, join(stage, to), {
    recursive: true,
    dereference: true,
    filter: (one) => !ELSEWHERE.test(one),
  });
};
for (const path of ['bin', 'dist', 'package.json', 'checkpoints/clip/merges.txt', 'bench/gpu']) bring(path);
for (const file of readdirSync(join(ROOT, 'bench'))) if (file.endsWith('.py')) bring(`bench/${file}`);
for (const name of packagesOf([...ENTRIES, ...LATER])) bring(`node_modules/${name}`);
bring(process.execPath, 'bin/node');
for (const name of values.python) bring(pythonPackage(name), `site/${name}`);
for (const file of values.lib) bring(resolve(file), `lib/${basename(file)}`);

mkdirSync(out, { recursive: true });
for (const old of readdirSync(out)) if (old.startsWith('part-')) rmSync(join(out, old));
const packed = spawnSync(
  'bash',
  [
    ...['-c', 'set -o pipefail; tar -cC "$1" dedit | xz -T2 -6 | split -d -b "$2" - "$3/part-"', 'pack'],
    ...[dirname(stage), `${values.megabytes}M`, out],
  ],
  { stdio: 'inherit' },
);
rmSync(dirname(stage), { recursive: true });
if (packed.status !== 0) throw new Error('tar, xz or split failed');
for (const part of readdirSync(out))
  console.log(`${part} ${(statSync(join(out, part)).size / 2 ** 20).toFixed(1)} MiB`);

/** npm packages that modules import, with all that these depend on; what is imported later on demand is left out. */
function packagesOf(entries) {
  const [modules, packages] = [new Set(), new Set()];
  const visit = (file) => {
    if (modules.has(file)) return;
    modules.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, from] of text.matchAll(/^(?:import|export)\s(?:[^'"]*?from\s+)?['"]([^'"]+)['"]/gm)) {
      if (from.startsWith('.')) visit(resolve(dirname(file), from));
      else if (!from.startsWith('node:')) depend(/^(@[^/]+\/)?[^/]+/.exec(from)[0]);
    }
  };
  const depend = (name) => {
    const file = join(ROOT, 'node_modules', name, 'package.json');
    if (packages.has(name) || !existsSync(file) || ELSEWHERE.test(relative(ROOT, dirname(file)))) return;
    packages.add(name);
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(file, 'utf8'));
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) depend(next);
  };
  for (const entry of entries) visit(join(ROOT, entry));
  return packages;
}

function pythonPackage(name) {
  const python = process.env.DEDIT_PYTHON ?? 'python3';
  const where = spawnSync(python, ['-c', `import ${name}, os; print(os.path.dirname(${name}.__file__))`], {
    encoding: 'utf8',
  });
  if (where.status !== 0) throw new Error(`${python} has no ${name}: name another in DEDIT_PYTHON`);
  return where.stdout.trim();
}
