import { spawnSync } from 'node:child_process';

/** Of the 12 GB that many GPUs have, what a screen and others leave. */
const USUAL = 10e9;
/** What a driver takes for a process before any tensor: CUDA's context, its kernels. */
const CONTEXT = 0.6e9;

let asked: number | undefined;

/**
 * Bytes that a GPU has for sessions. ONNX Runtime's binding does not tell: where NVIDIA's own program does, what is free there
 * when it is first asked (of several GPUs the least), and elsewhere what most have.
 */
export const deviceMemory = (): number => (asked ??= askNvidia() ?? USUAL);

export function askNvidia(): number | undefined {
  const { stdout, status } = spawnSync(
    'nvidia-smi',
    ['--query-gpu=memory.free', '--format=csv,noheader,nounits'],
    { encoding: 'utf8', timeout: 10_000 },
  );
  if (status !== 0) return undefined;
  const free = stdout.trim().split('\n').map(Number);
  return free.every((megabytes) => megabytes > 0) ? Math.min(...free) * 2 ** 20 - CONTEXT : undefined;
}
