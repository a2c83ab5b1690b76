/**
 * One thing after the other in each thread: words are stored in the order in which they were said, also when a file
 * of the first takes longer than the second.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<T>(thread: string, work: () => Promise<T>): Promise<T> {
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
}
