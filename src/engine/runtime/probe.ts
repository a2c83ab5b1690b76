import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.js';
import type { Device } from './device.js';

const CHILD = fileURLToPath(new URL('../../../dist/engine/runtime/probeChild.js', import.meta.url));
const PATIENCE = 30_000;

/** What the child tells: why the device does not answer, or nothing when it does. */
export interface Probed {
  readonly why?: string;
}

/**
 * Adds two numbers on a device: whether it was built in says little, whether it answers says all. In a process of its
 * own, because drivers write to stderr what no person can use, and some of them crash.
 * @throws UserError with the reason when the device does not answer
 */
export async function probeDevice(device: Device): Promise<void> {
  const child = fork(CHILD, [device], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], timeout: PATIENCE });
  const { why } = await new Promise<Probed>((resolve, reject) => {
    child.once('message', (probed: Probed) => resolve(probed));
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      reject(
        new UserError(
          `${device} cannot be used here (it ended its process: ${signal ?? `status ${code}`}): try --device cpu`,
        ),
      ),
    );
  });
  if (why !== undefined) throw new UserError(why);
}
