import { availableParallelism } from 'node:os';
import type { Measured } from '../engine/bench.js';
import type { Device, PrecisionChoice } from '../engine/editor.js';
import { UserError } from '../engine/errors.js';
import { DEDIT } from './bench.js';
import { runWithin, tooLate } from './benchChild.js';

/** Milliseconds. A GPU that takes longer for a few steps of the smallest checkpoint helps nobody. */
export const PATIENCE = 60_000;

/**
 * What a learning step of pocket's takes on a device: LoRA, two rows, an update each, as `dedit bench --only lora` has it. In a
 * process of its own, for drivers that crash.
 * @returns undefined where it does not come to an end in time
 * @throws UserError when it cannot be done there
 */
export async function learningSpeed(
  device: Device,
  precision: PrecisionChoice,
): Promise<Measured | undefined> {
  const lora = ['bench', '--shape', 'pocket', '--case', 'lora', '--batch', '2', '--runs', '3'];
  const flags = ['--device', device, '--precision', precision, '--threads', String(availableParallelism())];
  const args = [DEDIT, ...lora, ...flags, ...(device === 'cpu' ? [] : ['--placement'])];
  const { line, error } = await runWithin(Infinity, process.execPath, args, process.env, PATIENCE);
  if (line) return JSON.parse(line) as Measured;
  if (error === tooLate(PATIENCE)) return undefined;
  throw new UserError(`it cannot learn: ${error!.replace(/^dedit: /, '')}`);
}
