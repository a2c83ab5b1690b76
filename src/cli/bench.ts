import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT, resolveCheckpoint } from '../app/checkpoints.js';
import {
  BENCH_CASES,
  type BenchCase,
  benchCase,
  type BenchOptions,
  type BenchShape,
  MALLOC,
  type Measured,
  PARITY_CASES,
  type ParityCase,
  parityCase,
  randomCheckpoint,
} from '../engine/bench.js';
import { UserError } from '../engine/errors.js';
import { runWithin } from './benchChild.js';
import { type Row, table } from './benchTable.js';

/** Both sides compute on as many threads. */
const THREADS = 2;
/** What one case may hold of the memory that is free when the table is begun. */
const SHARE = 0.75;

export const BENCH_SHAPES = ['pocket', 'sd15', 'sd-turbo', 'sdxl'] as const;

export interface BenchFlags {
  readonly json?: boolean;
  readonly profile?: boolean;
  readonly shape: BenchShape | 'pocket';
  /** Names of cases; all of them without it. */
  readonly only?: readonly string[];
  /** Megabytes that one case may hold. */
  readonly memory?: number;
  /** Counted runs of a case, after one that warms up. */
  readonly runs?: number;
  /** Latent cells a side, instead of the shape's own. */
  readonly cells?: number;
  /** Without the run that warms up. */
  readonly cold?: boolean;
  /** Of both sides; where others keep the cores busy, threads that wait for each other spend processor time. */
  readonly threads?: number;
}

/** One case, in a process of its own. */
export interface BenchCaseFlags extends Pick<
  BenchFlags,
  'shape' | 'profile' | 'runs' | 'cold' | 'cells' | 'threads'
> {
  readonly case: string;
  readonly batch?: number;
  readonly recompute?: boolean;
  readonly tiles?: boolean;
  readonly steps?: number;
  readonly taesd?: boolean;
  /** Where a parity case writes what it computed. */
  readonly file?: string;
}

interface Case extends Pick<BenchCaseFlags, 'recompute' | 'tiles' | 'steps' | 'taesd'> {
  readonly name: BenchCase;
  readonly batch: number;
}

/** Small models need many runs to be timed, large ones cannot have them. */
function timing({
  shape,
  runs,
  cold,
}: Pick<BenchFlags, 'shape' | 'runs' | 'cold'>): Pick<BenchOptions, 'warmUp' | 'runs'> {
  const [warmUp, usual] = shape === 'pocket' && runs === undefined ? [3, 15] : [1, 3];
  return { warmUp: cold ? 0 : warmUp, runs: runs ?? usual };
}

/** At full size an edit of twenty guided steps takes too long to be timed: one of them shows what memory it takes. */
function casesOf(shape: BenchFlags['shape']): Case[] {
  if (shape === 'pocket')
    return BENCH_CASES.filter((name) => name !== 'decode' && name !== 'few steps').map((name) => ({
      name,
      batch: name === 'guided step' || name === 'edit' ? 1 : 2,
    }));
  const stages = ['tokens', 'cross-attention', 'lora'] as const;
  return [
    ...[1, 2].map((batch) => ({ name: 'forward' as const, batch })),
    { name: 'guided step', batch: 1 },
    ...stages.flatMap((name) => [1, 2].map((batch) => ({ name, batch }))),
    ...stages.flatMap((name) => [1, 2].map((batch) => ({ name, batch, recompute: true }))),
    { name: 'decode', batch: 1 },
    { name: 'decode', batch: 1, tiles: true },
    { name: 'edit', batch: 1, steps: 1 },
    { name: 'edit', batch: 1, steps: 1, taesd: true },
    ...(shape === 'sd15' ? [{ name: 'few steps', batch: 1 } as const] : []),
  ];
}

function titleOf({ name, recompute, tiles, steps, taesd }: Case): string {
  if (recompute) return `${name}, recomputed`;
  if (tiles) return `${name} in tiles`;
  if (taesd) return `${name} with TAESD, ${steps} step`;
  return steps ? `${name}, ${steps} step` : name;
}

const flagsOf = ({ recompute, tiles, steps, taesd }: Case): string[] => [
  ...(taesd ? ['--taesd'] : []),
  ...(recompute ? ['--recompute'] : []),
  ...(tiles ? ['--tiles'] : []),
  ...(steps ? ['--steps', String(steps)] : []),
];

const parityName = (name: ParityCase): string => `parity ${name}`;

/**
 * Times the engine's cases, each in a process of its own so that peak memory is the case's, and PyTorch's beside them
 * where a python with torch is found (DEDIT_PYTHON names another), and compares what the two compute.
 */
export async function runBench(flags: BenchFlags): Promise<void> {
  const { json, profile, shape, only, memory, cold, cells, threads = THREADS } = flags;
  const known = [...casesOf(shape).map(titleOf), ...PARITY_CASES.map(parityName)];
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown) throw new UserError(`${shape} has no case ${unknown}: --only takes ${known.join(', ')}`);
  const checkpoint = checkpointOf(shape);
  const { warmUp, runs } = timing(flags);
  const python = process.env.DEDIT_PYTHON ?? 'python3';
  const torch = spawnSync(python, ['-c', 'import torch, diffusers, transformers, peft']).status === 0;
  const limit = memory ?? Math.floor((SHARE * process.availableMemory()) / 2 ** 20);
  const env = { ...MALLOC, ...process.env, OMP_NUM_THREADS: String(threads) };
  const sized = cells ? ['--cells', String(cells)] : [];
  const wanted = (name: string): boolean => !only || only.includes(name);
  const rows: Row[] = [];
  const ours = (flags: readonly string[]) =>
    runWithin(
      limit,
      process.execPath,
      [process.argv[1]!, 'bench', '--shape', shape, '--threads', String(threads), ...flags],
      env,
    );
  const theirs = (script: string, args: readonly string[]) =>
    runWithin(limit, python, [join(PACKAGE_ROOT, 'bench', script), ...args], env);

  for (const one of casesOf(shape)) {
    const { name, batch } = one;
    const title = titleOf(one);
    if (!wanted(title)) continue;
    const again = [...flagsOf(one), ...sized];
    const dedit = await ours([
      ...['--case', name, '--batch', String(batch), ...again],
      ...(flags.runs ? ['--runs', String(runs)] : []),
      ...(cold ? ['--cold'] : []),
      ...(profile ? ['--profile'] : []),
    ]);
    const sizes = [batch, warmUp, runs].map(String);
    const pytorch =
      torch && name !== 'few steps' ? await theirs('pytorch.py', [name, checkpoint, ...sizes, ...again]) : {};
    rows.push({
      case: title,
      batch,
      ...(dedit.line ? { dedit: JSON.parse(dedit.line) as Measured } : {}),
      ...(pytorch.line ? { pytorch: JSON.parse(pytorch.line) as Measured } : {}),
      ...errorOf(dedit.error, pytorch.error),
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'dedit-parity-'));
  for (const name of torch ? PARITY_CASES : []) {
    if (!wanted(parityName(name))) continue;
    const file = join(folder, 'tensors.safetensors');
    const dedit = await ours(['--case', parityName(name), '--file', file, ...sized]);
    const pytorch = dedit.error ? {} : await theirs('parity.py', [name, checkpoint, file]);
    const compared = pytorch.line ? (JSON.parse(pytorch.line) as Pick<Row, 'pytorch' | 'parity'>) : {};
    rows.push({
      case: parityName(name),
      batch: 1,
      ...(dedit.line ? { dedit: JSON.parse(dedit.line) as Measured } : {}),
      ...compared,
      ...errorOf(dedit.error, pytorch.error),
    });
  }
  rmSync(folder, { recursive: true });
  if (json) console.log(JSON.stringify(rows, null, 2));
  else {
    console.log(
      `${shape}, fp32, ${threads} ${threads === 1 ? 'thread' : 'threads'}, 4 items; medians${torch ? '' : '; PyTorch not found'}`,
    );
    console.log(table(rows));
  }
}

function errorOf(dedit: string | undefined, pytorch: string | undefined): { error?: string } {
  const error = [dedit && `dedit: ${dedit}`, pytorch && `PyTorch: ${pytorch}`].filter(Boolean).join('; ');
  return error ? { error } : {};
}

/** One case in this process; what the parent reads is one line of JSON. */
export async function runBenchCase(flags: BenchCaseFlags): Promise<void> {
  const {
    shape,
    case: name,
    batch = 2,
    recompute,
    tiles,
    steps,
    taesd,
    profile,
    file,
    cells,
    threads = THREADS,
  } = flags;
  const checkpoint = checkpointOf(shape);
  const compared = PARITY_CASES.find((parity) => parityName(parity) === name);
  if (compared && file) {
    console.log(JSON.stringify(await parityCase(checkpoint, compared, threads, file, cells)));
    return;
  }
  const timed = BENCH_CASES.find((known) => known === name);
  if (!timed) throw new UserError(`--case is one of ${BENCH_CASES.join(', ')}`);
  const options = { ...timing(flags), threads, batch, recompute, tiles, steps, taesd, cells };
  console.log(JSON.stringify(await benchCase(checkpoint, timed, options, profile)));
}

/** Pocket itself, or a real model's shapes with random weights, written once (SD 1.5 takes 4.3 GB, SDXL 13.9 GB). */
function checkpointOf(shape: BenchFlags['shape']): string {
  if (shape === 'pocket') return resolveCheckpoint('pocket');
  if (!BENCH_SHAPES.includes(shape)) throw new UserError(`--shape is one of ${BENCH_SHAPES.join(', ')}`);
  const folder = process.env.DEDIT_BENCH ?? join(homedir(), '.cache', 'dedit', 'bench');
  return randomCheckpoint(shape, folder, join(PACKAGE_ROOT, 'checkpoints', 'clip', 'merges.txt'));
}
