import {
  BENCH_CASES,
  benchCase,
  HALVES_CASES,
  halvesCase,
  PARITY_CASES,
  parityCase,
} from '../engine/bench.js';
import type { Device } from '../engine/editor.js';
import { UserError } from '../engine/errors.js';
import { type BenchFlags, checkpointOf, THREADS, timing } from './bench.js';
import { halvesName, parityName } from './benchCases.js';

export interface BenchCaseFlags extends Pick<
  BenchFlags,
  'shape' | 'profile' | 'placement' | 'runs' | 'cold' | 'cells' | 'threads' | 'precision'
> {
  readonly device?: Device;
  readonly case: string;
  readonly batch?: number;
  readonly recompute?: boolean;
  readonly tiles?: boolean;
  readonly steps?: number;
  readonly taesd?: boolean;
  /** Where a parity case writes what it computed. */
  readonly file?: string;
}

/**
 * One case in this process; what the parent reads is one line of JSON. What is computed in is as it says: that the device
 * does it was its question.
 */
export async function runBenchCase(flags: BenchCaseFlags): Promise<void> {
  const { shape, case: name, batch = 2, recompute, tiles, steps, taesd } = flags;
  const { profile, placement, file, cells, threads = THREADS, device = 'cpu' } = flags;
  const checkpoint = checkpointOf(shape);
  const place = { device, precision: flags.precision === 'half' ? 'half' : 'full', threads, cells } as const;
  const tell = (found: object): void => console.log(JSON.stringify(found));

  const compared = PARITY_CASES.find((parity) => parityName(parity) === name);
  if (compared && file) return tell(await parityCase(checkpoint, compared, place, file));
  const halves = HALVES_CASES.find((known) => halvesName(known) === name);
  if (halves) return tell(await halvesCase(checkpoint, halves, { ...place, steps }));
  const timed = BENCH_CASES.find((known) => known === name);
  if (!timed) throw new UserError(`--case is one of ${BENCH_CASES.join(', ')}`);
  const options = { ...timing(flags), ...place, batch, recompute, tiles, steps, taesd };
  tell(await benchCase(checkpoint, timed, options, { profile, placement }));
}
