import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_ROOT, resolveCheckpoint } from '../app/checkpoints.js';
import { HALVES_CASES, MALLOC, type Measured, PARITY_CASES, randomCheckpoint } from '../engine/bench.js';
import { type Device, type PrecisionChoice, precisionOn } from '../engine/editor.js';
import { UserError } from '../engine/errors.js';
import {
  BENCH_SHAPES,
  casesOf,
  flagsOf,
  halvesName,
  namesOf,
  parityName,
  type Shape,
  titleOf,
} from './benchCases.js';
import { type Ended, runWithin } from './benchChild.js';
import { growth, HEADER, type Row, rowLines } from './benchTable.js';
import { DeviceMeter } from './deviceMeter.js';

/** Both sides compute on as many threads. */
export const THREADS = 2;
/** What one case may hold of the memory that is free when the table is begun. */
const SHARE = 0.75;
/** The command line, which runs each case in a process of its own. */
export const DEDIT = join(PACKAGE_ROOT, 'bin', 'dedit.js');
/** Products in float32, not in the 19 bits that NVIDIA's GPUs take for it unless they are told. */
const WHOLE_FLOATS = { NVIDIA_TF32_OVERRIDE: '0' } as const;

export interface BenchFlags {
  readonly json?: boolean;
  readonly profile?: boolean;
  /** Whether nodes that fell to the CPU are counted. */
  readonly placement?: boolean;
  readonly shape: Shape;
  readonly device?: Device | 'auto';
  readonly precision?: PrecisionChoice;
  /** Names of cases; all of them without it. */
  readonly only?: readonly string[];
  /** Megabytes that one case may hold. */
  readonly memory?: number;
  /** Counted runs of a case, after one that warms up. */
  readonly runs?: number;
  /** Latent cells a side, instead of the shape's own; an edit is always of those. */
  readonly cells?: number;
  /** Without the run that warms up. */
  readonly cold?: boolean;
  /** Without PyTorch beside what is timed. */
  readonly alone?: boolean;
  /** Updates or steps of cases that compare halves, instead of ten and twenty. */
  readonly steps?: number;
  /** Of both sides; where others keep the cores busy, threads that wait for each other spend processor time. */
  readonly threads?: number;
}

/** Small models need many runs to be timed, large ones cannot have them. */
export function timing({ shape, runs, cold }: Pick<BenchFlags, 'shape' | 'runs' | 'cold'>): {
  warmUp: number;
  runs: number;
} {
  const [warmUp, usual] = shape === 'pocket' && runs === undefined ? [3, 15] : [1, 3];
  return { warmUp: cold ? 0 : warmUp, runs: runs ?? usual };
}

/** @returns whether PyTorch and what the oracle needs are there, and a GPU for it; DEDIT_PYTHON names another python */
function oracle(): { python: string; found: boolean; cuda: boolean } {
  const python = process.env.DEDIT_PYTHON ?? 'python3';
  const look = 'import torch, diffusers, transformers, peft; print(torch.cuda.is_available())';
  const { status, stdout } = spawnSync(python, ['-c', look], { encoding: 'utf8' });
  return { python, found: status === 0, cuda: status === 0 && stdout.trim() === 'True' };
}

/**
 * Times the engine's cases, each in a process of its own so that peak memory is the case's, and PyTorch's beside them
 * where a python with torch is found, and compares what the two compute.
 * @param onRow is given each line of the table as it is known
 * @param onTitle is told first what is measured
 */
export async function benchRows(
  flags: BenchFlags,
  onRow: (row: Row) => void,
  onTitle: (title: string) => void = () => {},
): Promise<Row[]> {
  const { shape, only, cells, threads = THREADS } = flags;
  const device = flags.device === 'auto' ? 'cpu' : (flags.device ?? 'cpu');
  const known = namesOf(shape, device);
  const unknown = only?.find((name) => !known.includes(name));
  if (unknown) throw new UserError(`${shape} has no case ${unknown}: --only takes ${known.join(', ')}`);
  const wanted = (name: string): boolean => !only || only.includes(name);
  const precision = await precisionOn(device, flags.precision);
  const checkpoint = checkpointOf(shape);
  const { warmUp, runs } = timing(flags);
  const { python, found, cuda } = oracle();
  const torch = found && (cuda || device === 'cpu' ? 'PyTorch' : 'PyTorch on the CPU');
  onTitle(
    `${shape}, ${device}, ${precision === 'half' ? 'fp16' : 'fp32'}, ${threads} ${threads === 1 ? 'thread' : 'threads'}, 4 items; medians; ${torch ? `beside ${torch}` : 'PyTorch not found'}`,
  );
  const limit = flags.memory ?? Math.floor((SHARE * process.availableMemory()) / 2 ** 20);
  const env = { ...MALLOC, ...process.env, OMP_NUM_THREADS: String(threads) };
  const sized = cells ? ['--cells', String(cells)] : [];
  const place = ['--device', device, '--precision', precision];
  const meter = device === 'cpu' ? undefined : await DeviceMeter.start();
  const run = (command: string, args: readonly string[], more = {}): Promise<Ended> => {
    const work = () => runWithin(limit, command, args, { ...env, ...more });
    return meter ? meter.during(work) : work();
  };
  const ours = (args: readonly string[], more = {}) => {
    const given = ['bench', '--shape', shape, '--threads', String(threads), ...place, ...sized, ...args];
    return run(process.execPath, [DEDIT, ...given], more);
  };
  const theirs = (script: string, args: readonly string[], more = {}) =>
    run(
      python,
      [
        join(PACKAGE_ROOT, 'bench', script),
        ...args,
        ...(cuda && device !== 'cpu' ? ['--device', 'cuda'] : []),
      ],
      more,
    );
  const rows: Row[] = [];
  const tell = (row: Row): void => {
    rows.push(row);
    onRow(row);
  };

  for (const one of casesOf(shape, device)) {
    const { name, batch } = one;
    const title = titleOf(one);
    if (!wanted(title)) continue;
    const dedit = await ours([
      ...['--case', name, '--batch', String(batch), ...flagsOf(one)],
      ...(flags.runs ? ['--runs', String(runs)] : []),
      ...(flags.cold ? ['--cold'] : []),
      ...(flags.profile ? ['--profile'] : []),
      ...(flags.placement ? ['--placement'] : []),
    ]);
    const sizes = [batch, warmUp, runs].map(String);
    const same = [
      ...flagsOf(one),
      ...(name === 'edit' ? [] : sized),
      ...(precision === 'half' ? ['--half'] : []),
    ];
    const beside = torch && !flags.alone && name !== 'few steps';
    const pytorch = beside ? await theirs('pytorch.py', [name, checkpoint, ...sizes, ...same]) : {};
    tell({
      ...{ case: title, batch },
      ...sideOf('dedit', dedit),
      ...sideOf('pytorch', pytorch),
      ...errorOf(dedit.error, pytorch.error),
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'dedit-parity-'));
  for (const name of torch ? PARITY_CASES : []) {
    if (!wanted(parityName(name))) continue;
    const file = join(folder, 'tensors.safetensors');
    const dedit = await ours(['--case', parityName(name), '--file', file], WHOLE_FLOATS);
    const pytorch = dedit.error ? {} : await theirs('parity.py', [name, checkpoint, file], WHOLE_FLOATS);
    const compared = pytorch.line ? (JSON.parse(pytorch.line) as Pick<Row, 'pytorch' | 'parity'>) : {};
    tell({
      ...{ case: parityName(name), batch: 1 },
      ...sideOf('dedit', dedit),
      ...compared,
      ...errorOf(dedit.error, pytorch.error),
    });
  }
  rmSync(folder, { recursive: true });
  for (const name of precision === 'half' || only ? HALVES_CASES : []) {
    if (!wanted(halvesName(name))) continue;
    const { line, error } = await ours([
      ...['--case', halvesName(name)],
      ...(flags.steps ? ['--steps', String(flags.steps)] : []),
    ]);
    const told = line ? (JSON.parse(line) as { took: Measured } & Pick<Row, 'parity'>) : undefined;
    tell({
      ...{ case: halvesName(name), batch: 1 },
      ...(told ? { dedit: told.took, parity: told.parity } : {}),
      ...errorOf(error, undefined),
    });
  }
  meter?.stop();
  return rows;
}

const sideOf = (side: 'dedit' | 'pytorch', { line, deviceMB }: Ended): Partial<Row> =>
  line
    ? { [side]: { ...(JSON.parse(line) as Measured), ...(deviceMB === undefined ? {} : { deviceMB }) } }
    : {};

function errorOf(dedit: string | undefined, pytorch: string | undefined): { error?: string } {
  const error = [dedit && `dedit: ${dedit}`, pytorch && `PyTorch: ${pytorch}`].filter(Boolean).join('; ');
  return error ? { error } : {};
}

/** The table on stdout, a line as soon as it is known; as JSON at the end. */
export async function runBench(flags: BenchFlags): Promise<void> {
  if (flags.json) {
    console.log(JSON.stringify(await benchRows(flags, () => {}), null, 2));
    return;
  }
  const rows = await benchRows(
    flags,
    (row) => console.log(rowLines(row).join('\n')),
    (title) => console.log(`${title}\n${HEADER}`),
  );
  if (growth(rows).length > 0) console.log(growth(rows).join('\n'));
}

/** Pocket itself, or a real model's shapes with random weights, written once (SD 1.5 takes 4.3 GB, SDXL 13.9 GB). */
export function checkpointOf(shape: Shape): string {
  if (shape === 'pocket') return resolveCheckpoint('pocket');
  if (!BENCH_SHAPES.includes(shape)) throw new UserError(`--shape is one of ${BENCH_SHAPES.join(', ')}`);
  const folder = process.env.DEDIT_BENCH ?? join(homedir(), '.cache', 'dedit', 'bench');
  return randomCheckpoint(shape, folder, join(PACKAGE_ROOT, 'checkpoints', 'clip', 'merges.txt'));
}
