import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchLaps, type BenchCase, type BenchOptions } from './bench/cases.js';
import { type Lap, peakMegabytes } from './bench/measure.js';
import { costliest, type OpCost } from './runtime/trace.js';

export { BENCH_CASES, type BenchCase, type BenchOptions } from './bench/cases.js';
export { PARITY_CASES, type ParityCase, parityCase } from './bench/parity.js';
export { type BenchShape, randomCheckpoint } from './bench/shapes.js';
export { heldMegabytes, MALLOC } from './process/memory.js';

/** Ops that a profile names. */
const NAMED = 10;

/** The median of the runs. */
export interface Measured extends Lap {
  /** Peak resident memory of the process, MiB. */
  readonly peakMB: number;
  /** The costliest ops, where they were asked for. */
  readonly profile?: readonly OpCost[];
}

/**
 * Times one case in this process; bench/pytorch.py does the same with the same shapes.
 * @param profile whether the costliest ops are to be named
 * @throws UserError when the machine's free memory does not hold it
 */
export async function benchCase(
  dir: string,
  name: BenchCase,
  options: Omit<BenchOptions, 'trace'>,
  profile = false,
): Promise<Measured> {
  const folder = profile ? mkdtempSync(join(tmpdir(), 'dedit-bench-')) : undefined;
  try {
    const trace = folder && join(folder, 'trace');
    const laps = (await benchLaps(dir, name, { ...options, trace })).slice(options.warmUp);
    return {
      ms: median(laps.map(({ ms }) => ms)),
      cpuMs: median(laps.map(({ cpuMs }) => cpuMs)),
      peakMB: peakMegabytes(),
      ...(trace ? { profile: costliest(trace, NAMED) } : {}),
    };
  } finally {
    if (folder) rmSync(folder, { recursive: true });
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
