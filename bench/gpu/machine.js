import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;
const python = () => process.env.DEDIT_PYTHON ?? 'python3';
const said = (command, ...args) => {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

/**
 * Puts what travelled with us, and CUDA's libraries where PyTorch's own packages have them, before those of the system: for the
 * processes that are started from now on.
 */
export function bringLibraries() {
  const nvidia = said(
    python(),
    '-c',
    'import glob, os, site; print(os.pathsep.join(p for s in site.getsitepackages() for p in glob.glob(s + "/nvidia/*/lib") + glob.glob(s + "/nvidia/*/lib/x86_64")))',
  );
  put('LD_LIBRARY_PATH', [join(ROOT, 'lib'), ...(nvidia ? nvidia.split(delimiter) : [])]);
  put('PYTHONPATH', [join(ROOT, 'site')]);
}

function put(name, folders) {
  const there = folders.filter((folder) => existsSync(folder));
  const before = process.env[name] ? [process.env[name]] : [];
  if (there.length > 0) process.env[name] = [...there, ...before].join(delimiter);
}

/** The machine in a few lines, and what in it computes. */
export function described() {
  const gpu = said('nvidia-smi', '--query-gpu=name,driver_version,memory.total', '--format=csv,noheader');
  const icd = process.env.VK_ICD_FILENAMES ?? '';
  const torch = said(
    python(),
    '-c',
    'import torch, diffusers; print(torch.__version__, "diffusers", diffusers.__version__)',
  );
  const { version } = JSON.parse(
    readFileSync(join(ROOT, 'node_modules', 'onnxruntime-node', 'package.json'), 'utf8'),
  );
  return [
    `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    gpu ? `GPU: ${gpu}` : 'no NVIDIA GPU answers',
    ...(icd.includes('swiftshader')
      ? ['webgpu is SwiftShader: the processor computes, and its times say nothing of a GPU']
      : []),
    `Node ${process.version}, onnxruntime-node ${version}, PyTorch ${torch ?? 'not found'}`,
  ];
}
