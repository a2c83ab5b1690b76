import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchLaps, type BenchCase, type BenchOptions } from './bench/cases.js';
import { type Lap, peakMegabytes } from './bench/measure.js';
export type { Placement } from './runtime/trace.js';
import { costliest, type OpCost, type Placement, placementIn } from './runtime/trace.js';

export { BENCH_CASES, type BenchCase, type BenchOptions } from './bench/cases.js';
export { HALVES_CASES, type HalvesCase, halvesCase } from './bench/halves.js';
export { PARITY_CASES, type ParityCase, parityCase } from './bench/parity.js';
export { type BenchShape, randomCheckpoint } from './bench/shapes.js';
export { heldMegabytes, MALLOC } from './process/memory.js';

/** Ops that a profile names. */
const NAMED = 10;

/** The median of the runs. */
export interface Measured extends Lap {
  /** Peak resident memory of the process, MiB. */
  readonly peakMB: number;
  /** Of a GPU's memory, MiB, at most: what is used above what was before. Whoever started the process adds it. */
  readonly deviceMB?: number;
  /** The costliest ops, where they were asked for. */
  readonly profile?: readonly OpCost[];
  /** Where nodes ran, where that was asked for. */
  readonly placement?: Placement;
}

/**
 * Times one case in this process; bench/pytorch.py does the same with the same shapes.
 * @param told whether the costliest ops are to be named, and where nodes ran: by a run before those that are timed, since
 *   writing a trace takes time, or by the only one
 * @throws UserError when the machine's free memory does not hold it
 */
export async function benchCase(
  dir: string,
  name: BenchCase,
  options: Omit<BenchOptions, 'trace'>,
  {
    profile,
    placement,
  }: { readonly profile?: boolean | undefined; readonly placement?: boolean | undefined } = {},
): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'dedit-bench-'));
  try {
    const trace = join(folder, 'trace');
    const { warmUp, runs } = options;
    const traced =
      profile || placement ? await benchLaps(dir, name, { ...options, trace, warmUp: 0, runs: 1 }) : [];
    // a single run that nothing warms up tells nothing of time that this one does not
    const enough = traced.length > 0 && warmUp === 0 && runs === 1;
    const laps = enough ? traced : (await benchLaps(dir, name, options)).slice(warmUp);
    const crossings = laps.flatMap(({ crossedMB }) => crossedMB ?? []);
    return {
      ...(crossings.length > 0 ? { crossedMB: median(crossings) } : {}),
      ms: median(laps.map(({ ms }) => ms)),
      cpuMs: median(laps.map(({ cpuMs }) => cpuMs)),
      peakMB: peakMegabytes(),
      ...(profile ? { profile: costliest(trace, NAMED) } : {}),
      ...(placement ? { placement: placementIn(trace) } : {}),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
