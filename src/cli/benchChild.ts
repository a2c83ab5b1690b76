import { spawn } from 'node:child_process';
import { heldMegabytes } from '../engine/bench.js';

/** How often a process is looked at, ms: models are read and compiled far more slowly. */
const LOOK = 100;

export interface Ended {
  /** The last line of what it printed. */
  readonly line?: string;
  /** Why there is none. */
  readonly error?: string;
  /** MiB of a GPU's memory, where that is looked at. */
  readonly deviceMB?: number;
}

/** What is said of a process that was stopped. @param patience milliseconds */
export const tooLate = (patience: number): string => `stopped after ${patience / 1000} s`;

/**
 * Runs a program to its end, or until it holds more memory than it may: then it is stopped before the machine suffers.
 * @param limit megabytes, mapped files left out, which the kernel takes back when it must (Linux only)
 * @param patience milliseconds
 */
export function runWithin(
  limit: number,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  patience = Infinity,
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err, stopped] = ['', '', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const start = performance.now();
    const watch = setInterval(() => {
      if (heldMegabytes(child.pid!) > limit) stopped = `stopped above ${limit} MB`;
      else if (performance.now() - start > patience) stopped = tooLate(patience);
      else return;
      child.kill('SIGKILL');
    }, LOOK);
    child.on('error', ({ message }) => {
      clearInterval(watch);
      resolve({ error: message });
    });
    child.on('close', (status, signal) => {
      clearInterval(watch);
      const last = (text: string): string => text.trim().split('\n').at(-1) ?? '';
      if (status === 0) resolve({ line: last(out) });
      else resolve({ error: stopped || (signal ? `ended by ${signal}` : last(err) || `status ${status}`) });
    });
  });
}
