import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';
import type { Device } from './device.js';

const CHILD = fileURLToPath(new URL('../../../dist/engine/runtime/probeChild.js', import.meta.url));
const PATIENCE = 60_000;

/** What the child tells: why the device does not answer, or what else it can when it does. */
export type Probed = { readonly why: string } | Answer;

/** A device that computes. */
export interface Answer {
  /** Whether it also computes in half precision (never asked of the CPU, which gains nothing by it). */
  readonly halves: boolean;
}

const answers = new Map<Device, Promise<Answer>>();

/**
 * Adds two numbers on a device: whether it was built in says little, whether it answers says all. In a process of its
 * own, because drivers write to stderr what no person can use, and some of them crash. Asked once.
 * @throws UserError with the reason when the device does not answer
 */
export function probeDevice(device: Device): Promise<Answer> {
  const known = answers.get(device) ?? ask(device);
  answers.set(device, known);
  return known;
}

async function ask(device: Device): Promise<Answer> {
  const child = fork(CHILD, [device], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], timeout: PATIENCE });
  const probed = await new Promise<Probed>((resolve, reject) => {
    child.once('message', (message: Probed) => resolve(message));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(
        new UserError(
          `${device} cannot be used here (it ended its process: ${signal ?? `status ${code}`}): try --device cpu`,
        ),
      ),
    );
  });
  if ('why' in probed) throw new UserError(probed.why);
  return probed;
}
