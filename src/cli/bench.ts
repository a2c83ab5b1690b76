import { spawnSync } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT, resolveCheckpoint } from '../app/checkpoints.js';
import {
  BENCH_CASES,
  type BenchCase,
  benchCase,
  type BenchOptions,
  type BenchShape,
  type Measured,
  randomCheckpoint,
} from '../engine/bench.js';
import { UserError } from '../engine/errors.js';

/** Both sides compute on this many threads. */
const THREADS = 2;

export const BENCH_SHAPES = ['pocket', 'sd15', 'sdxl'] as const;

export interface BenchFlags {
  readonly json?: boolean;
  readonly shape: BenchShape | 'pocket';
  readonly case?: BenchCase;
  readonly batch?: number;
  readonly recompute?: boolean;
}

/** One line of the table; a side that could not be measured is left out and `error` says why. */
interface Row {
  readonly case: string;
  readonly batch: number;
  readonly dedit?: Measured;
  readonly pytorch?: Measured;
  readonly error?: string;
}

/** Small models need many runs to be timed, large ones cannot have them. */
const timing = (shape: BenchFlags['shape']): Pick<BenchOptions, 'warmUp' | 'runs'> =>
  shape === 'pocket' ? { warmUp: 3, runs: 15 } : { warmUp: 1, runs: 3 };

/** An edit is twenty guided steps, which at full size are twenty times `forward` at batch 2. */
function casesOf(shape: BenchFlags['shape']): { name: BenchCase; batch: number; recompute?: boolean }[] {
  if (shape === 'pocket') return BENCH_CASES.map((name) => ({ name, batch: 2 }));
  const stages = ['forward', 'tokens', 'cross-attention', 'lora'] as const;
  const plain = stages.flatMap((name) => [1, 2].map((batch) => ({ name, batch })));
  return [...plain, ...stages.slice(1).map((name) => ({ name, batch: 2, recompute: true }))];
}

/**
 * Times the engine's cases, each in a process of its own so that peak memory is the case's, and PyTorch's beside them
 * where a python with torch is found (DEDIT_PYTHON names another).
 */
export function runBench({ json, shape }: BenchFlags): void {
  const checkpoint = checkpointOf(shape);
  const { warmUp, runs } = timing(shape);
  const python = process.env.DEDIT_PYTHON ?? 'python3';
  const torch = spawnSync(python, ['-c', 'import torch, diffusers, transformers, peft']).status === 0;
  const rows = casesOf(shape).map(({ name, batch, recompute }): Row => {
    const flags = ['--shape', shape, '--case', name, '--batch', String(batch)];
    const again = recompute ? ['--recompute'] : [];
    const ours = measure(process.execPath, [process.argv[1]!, 'bench', ...flags, ...again]);
    const script = [join(PACKAGE_ROOT, 'bench', 'pytorch.py'), name, checkpoint];
    const theirs = torch
      ? measure(python, [...script, String(batch), String(warmUp), String(runs), ...again])
      : {};
    const error = [ours.error && `dedit: ${ours.error}`, theirs.error && `PyTorch: ${theirs.error}`]
      .filter(Boolean)
      .join('; ');
    return {
      case: recompute ? `${name}, recomputed` : name,
      batch,
      ...(ours.measured ? { dedit: ours.measured } : {}),
      ...(theirs.measured ? { pytorch: theirs.measured } : {}),
      ...(error ? { error } : {}),
    };
  });
  if (json) console.log(JSON.stringify(rows, null, 2));
  else show(shape, rows, torch);
}

function show(shape: string, rows: readonly Row[], torch: boolean): void {
  console.log(`${shape}, fp32, ${THREADS} threads, 4 items; medians${torch ? '' : '; PyTorch not found'}`);
  console.log('case                          batch   dedit ms  PyTorch ms  speed-up   dedit MB  PyTorch MB');
  for (const { case: name, batch, dedit, pytorch, error } of rows) {
    const cell = (x: number | undefined, digits: number, width: number): string =>
      (x === undefined ? '–' : x.toFixed(digits)).padStart(width);
    const faster = dedit && pytorch ? pytorch.ms / dedit.ms : undefined;
    const times = `${cell(dedit?.ms, 1, 10)} ${cell(pytorch?.ms, 1, 11)} ${cell(faster, 2, 9)}`;
    const memory = `${cell(dedit?.peakMB, 0, 10)} ${cell(pytorch?.peakMB, 0, 11)}`;
    console.log(
      `${name.padEnd(28)} ${String(batch).padStart(6)} ${times} ${memory}${error ? `  ${error}` : ''}`,
    );
  }
}

/** One case in this process; what the parent reads is one line of JSON. */
export async function runBenchCase({ shape, case: name, batch = 2, recompute }: BenchFlags): Promise<void> {
  const options = { ...timing(shape), threads: THREADS, batch, recompute };
  console.log(JSON.stringify(await benchCase(checkpointOf(shape), name!, options)));
}

/** Pocket itself, or a real model's shapes with random weights, written once to the cache (SD 1.5 takes 4.3 GB). */
function checkpointOf(shape: BenchFlags['shape']): string {
  if (shape === 'pocket') return resolveCheckpoint('pocket');
  if (!BENCH_SHAPES.includes(shape)) throw new UserError(`--shape is one of ${BENCH_SHAPES.join(', ')}`);
  const folder = process.env.DEDIT_BENCH ?? join(homedir(), '.cache', 'dedit', 'bench');
  return randomCheckpoint(shape, folder, join(PACKAGE_ROOT, 'checkpoints', 'clip', 'merges.txt'));
}

function measure(command: string, args: readonly string[]): { measured?: Measured; error?: string } {
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, OMP_NUM_THREADS: String(THREADS) },
  });
  if (status === 0) return { measured: JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured };
  return { error: signal ? `ended by ${signal}` : (stderr.trim().split('\n').at(-1) ?? `status ${status}`) };
}
