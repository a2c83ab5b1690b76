import { statfsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK = 2_000;

/**
 * Whether the disk of the data folder has room. The embedded database does not survive a full disk (its WebAssembly fails
 * in the middle of a write), so a reserve is kept: below it nothing new is stored and nothing is worked on, and both go on
 * by themselves when there is room again.
 */
export class Room {
  #full = false;
  #looked = -Infinity;

  constructor(
    private readonly dir: string,
    /** Bytes that stay free; 0: nobody looks. */
    private readonly reserve: number,
    private readonly freeBytes: (dir: string) => number = freeOf,
  ) {}

  /** A sentence for who wants to store something; undefined while there is room. */
  readonly whyNot = (): string | undefined => {
    if (this.reserve === 0) return undefined;
    const now = performance.now();
    if (this.#full || now - this.#looked > LOOK) {
      this.#looked = now;
      this.#full = this.freeBytes(this.dir) < this.reserve;
    }
    return this.#full
      ? 'the disk of this bot is full: ask whoever runs it to make room, then say it again'
      : undefined;
  };

  /** Resolves when there is room, or when nobody waits for it any more. */
  async wait(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.whyNot()) await sleep(LOOK / 4, undefined, { signal }).catch(() => {});
  }
}

function freeOf(dir: string): number {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return Infinity; // no folder of ours, or a system that cannot say
  }
}
