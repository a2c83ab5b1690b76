import { Recent } from './recent.js';

/** Ids that are remembered; the database knows older ones. */
const DONE = 5000;

/**
 * What comes in from a platform: in order in each thread, once, and never in a way that ends the process. An event
 * listener's promise has nobody to catch it.
 */
export class Inbox {
  readonly #running = new Set<Promise<void>>();
  readonly #done = new Recent<true>(DONE);
  readonly #last = new Map<string, Promise<unknown>>();

  /** @param failed says so where it is heard: to the log, to the person, or both */
  async guard(work: () => Promise<void>, failed: (error: unknown) => Promise<void> | void): Promise<void> {
    const guarded = Promise.resolve()
      .then(work)
      .catch(failed)
      .catch(() => undefined)
      .finally(() => this.#running.delete(guarded));
    this.#running.add(guarded);
    await guarded;
  }

  /** What was done, or is being done, is not done again: this spares fetching a picture twice, and hints told twice. */
  async once(id: string, work: () => Promise<void>): Promise<void> {
    if (this.#done.get(id)) return;
    this.#done.set(id, true);
    try {
      await work();
    } catch (error) {
      this.#done.delete(id);
      throw error;
    }
  }

  /** One thing after the other in each thread, also when a file of the first takes longer than the second. */
  inOrder<T>(thread: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(thread) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(thread, settled);
    void settled.then(() => {
      if (this.#last.get(thread) === settled) this.#last.delete(thread);
    });
    return mine;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
