import { setTimeout as sleep } from 'node:timers/promises';

/** A post that would have to wait longer than this goes back to the outbox. */
const PATIENCE = 30_000;

/**
 * One message a second in a channel is what Slack takes (docs.slack.dev/apis/web-api/rate-limits); those beyond wait
 * here, in the order in which they came.
 */
export class PostPacer {
  /** When the next message of a channel may go. */
  readonly #free = new Map<string, number>();
  readonly #stopped = new AbortController();

  constructor(readonly intervalMs: number) {}

  /**
   * Resolves when it is the turn of this message.
   * @throws when that is too far off to wait for, or everything stops
   */
  async turn(channel: string): Promise<void> {
    const now = performance.now();
    for (const [other, free] of this.#free) if (free < now) this.#free.delete(other);
    const at = Math.max(now, this.#free.get(channel) ?? 0);
    if (at - now > PATIENCE)
      throw new Error(`Slack takes no more messages in this channel for ${Math.ceil((at - now) / 1000)} s`);
    this.#free.set(channel, at + this.intervalMs);
    if (at > now) await sleep(at - now, undefined, { signal: this.#stopped.signal });
  }

  /** Slack has asked for a pause in this channel. */
  hold(channel: string, ms: number): void {
    this.#free.set(channel, Math.max(this.#free.get(channel) ?? 0, performance.now() + ms));
  }

  /** Those who wait for their turn wait no longer. */
  stop(): void {
    this.#stopped.abort();
  }
}
