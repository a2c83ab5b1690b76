import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** How often is looked, ms: what is taken by an allocator stays taken until its process ends. */
const LOOK = 50;

/**
 * How much of the first GPU's memory is used, as NVIDIA's own program tells: of whatever process, so that others must not be at
 * work on it. Where there is no such program nothing is told.
 */
export class DeviceMeter {
  #now: number | undefined;
  #most = 0;

  private constructor(private readonly program: ChildProcess) {
    program.on('error', () => {});
    program.stdout!.setEncoding('utf8').on('data', (text: string) => {
      // several lines where this process was busy
      for (const used of text.trim().split('\n').map(Number)) {
        if (!(used >= 0)) continue;
        this.#now = used;
        this.#most = Math.max(this.#most, used);
      }
    });
  }

  /** Resolves when something is told, or will never be. */
  static async start(): Promise<DeviceMeter> {
    const query = ['--query-gpu=memory.used', '--format=csv,noheader,nounits', '-i', '0', '-lms', `${LOOK}`];
    const program = spawn('nvidia-smi', query, { stdio: ['ignore', 'pipe', 'ignore'] });
    const meter = new DeviceMeter(program);
    await new Promise<void>((resolve) => {
      program.stdout.once('data', () => resolve());
      program.once('error', () => resolve());
      program.once('close', () => resolve());
    });
    return meter;
  }

  /** What `work` gives, and MiB that were used at most above what was used before it. */
  async during<T extends object>(work: () => Promise<T>): Promise<T & { deviceMB?: number }> {
    // what the process before had is given back a moment after its end
    await pause(4 * LOOK);
    const before = this.#now;
    this.#most = before ?? 0;
    const result = await work();
    await pause(LOOK);
    return before === undefined ? result : { ...result, deviceMB: this.#most - before };
  }

  stop(): void {
    this.program.kill();
  }
}
