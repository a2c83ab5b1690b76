import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HostError } from '../errors.js';
import { cudaMissing } from './cuda.js';
import type { Precision } from '../halves.js';
import type { Device } from './device.js';

const CHILD = fileURLToPath(new URL('../../../dist/engine/runtime/probeChild.js', import.meta.url));
/** A driver that hangs never answers; SwiftShader on a busy machine took more than a minute. */
const PATIENCE = 300_000;

/** What the child tells: why the device does not answer, or what else it can when it does. */
export type Probed = { readonly why: string } | Answer;

/** A device that computes. */
export interface Answer {
  /** What models compute in there unless somebody says otherwise: halves where a learning step in them is proved right. */
  readonly precision: Precision;
  /** Why, in half a sentence. */
  readonly because: string;
}

const answers = new Map<Device, Promise<Answer>>();

/**
 * Adds two numbers on a device: whether it was built in says little, whether it answers says all. In a process of its
 * own, because drivers write to stderr what no person can use, and some of them crash. Asked once.
 * @throws HostError with the reason when the device does not answer
 */
export function probeDevice(device: Device): Promise<Answer> {
  const known = answers.get(device) ?? ask(device);
  answers.set(device, known);
  return known;
}

async function ask(device: Device): Promise<Answer> {
  const child = fork(CHILD, [device], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], timeout: PATIENCE });
  let log = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (log += text));
  const probed = await new Promise<Probed | undefined>((resolve, reject) => {
    let told: Probed | undefined;
    child.once('message', (message: Probed) => (told = message));
    child.once('error', reject);
    // not before all of its lines have come
    child.once('close', () => resolve(told));
  });
  const missing = device === 'cuda' ? cudaMissing(log) : undefined;
  if (missing) throw new HostError(`cuda cannot be used here (${missing}): try --device cpu`);
  if (!probed) {
    const ended = `it ended its process: ${child.signalCode ?? `status ${child.exitCode}`}`;
    const why = child.killed ? `it did not answer within ${PATIENCE / 60_000} minutes` : ended;
    throw new HostError(`${device} cannot be used here (${why}): try --device cpu`);
  }
  if ('why' in probed) throw new HostError(probed.why);
  return probed;
}
