import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE_ROOT, resolveCheckpoint } from '../app/checkpoints.js';
import { BENCH_CASES, type BenchCase, benchCase, type Measured } from '../engine/bench.js';

/** Both sides compute on this many threads. */
const THREADS = 2;

/**
 * Times the engine's cases on pocket, each in a process of its own so that peak memory is the case's, and PyTorch's
 * beside them where a python with torch is found (DEDIT_PYTHON names another).
 */
export function runBench({ json }: { json?: boolean }): void {
  const checkpoint = resolveCheckpoint('pocket');
  const python = process.env.DEDIT_PYTHON ?? 'python3';
  const torch = spawnSync(python, ['-c', 'import torch, diffusers, transformers, peft']).status === 0;
  const rows = BENCH_CASES.map((name) => ({
    name,
    ours: measure(process.execPath, [process.argv[1]!, 'bench', '--case', name])!,
    theirs: torch
      ? measure(python, [join(PACKAGE_ROOT, 'bench', 'pytorch.py'), name, checkpoint])
      : undefined,
  }));
  if (json) {
    console.log(JSON.stringify(rows, null, 2));
    return;
  }
  console.log(
    `pocket, fp32, ${THREADS} threads, 4 items, batch 2; medians${torch ? '' : '; PyTorch not found'}`,
  );
  console.log('case               dedit ms  PyTorch ms  speed-up   dedit MB  PyTorch MB');
  for (const { name, ours, theirs } of rows) {
    const cell = (x: number | undefined, digits: number, width: number): string =>
      (x === undefined ? '–' : x.toFixed(digits)).padStart(width);
    console.log(
      `${name.padEnd(17)} ${cell(ours.ms, 1, 9)} ${cell(theirs?.ms, 1, 11)} ${cell(theirs && theirs.ms / ours.ms, 2, 9)} ${cell(ours.mb, 0, 10)} ${cell(theirs?.mb, 0, 11)}`,
    );
  }
}

/** One case in this process; what the parent reads is one line of JSON. */
export async function runBenchCase(name: BenchCase): Promise<void> {
  console.log(JSON.stringify(await benchCase(resolveCheckpoint('pocket'), name, THREADS)));
}

function measure(command: string, args: readonly string[]): Measured | undefined {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: String(THREADS) },
  });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')}: ${stderr.trim().split('\n').at(-1)}`);
    return undefined;
  }
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}
