import { breathe } from '../breathe.js';

/** Lets whoever waits go first. @throws the signal's reason when it is aborted meanwhile */
export type MakeWay = (signal?: AbortSignal) => Promise<void>;

/**
 * One job at a time on one device, in the order in which they came. A job in the background is one that nobody waits
 * for: between two of its steps it lets others go first, and works as long as it has waited before it does so again, so
 * that steady work cannot starve it.
 */
export class Turns {
  #tail: Promise<void> = Promise.resolve();
  /** Jobs that wait for their turn. */
  #waiting = 0;
  readonly #announced = new Set<Promise<void>>();
  /** The end of the job that is in the background now. */
  #background: Promise<void> | undefined;

  /**
   * A job is on its way here, and what is in the background stops at its next step: a call with a large picture takes
   * as many of them to come in as it has pieces.
   * @returns to be called when the job has asked for its turn
   */
  announce(): () => void {
    let arrived!: () => void;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    this.#announced.add(arrival);
    return () => {
      this.#announced.delete(arrival);
      arrived();
    };
  }

  /** @param fits whether there is memory for it beside what is in the background; without that it waits for its end */
  async take<T>(job: () => Promise<T>, fits: () => Promise<boolean> = always): Promise<T> {
    for (;;) {
      this.#waiting++;
      const release = await this.#acquire();
      this.#waiting--;
      try {
        if (!this.#background || (await fits())) return await job();
      } finally {
        release();
      }
      await this.#background;
    }
  }

  /** One of them at a time. */
  async inBackground<T>(job: (makeWay: MakeWay) => Promise<T>): Promise<T> {
    while (this.#background) await this.#background;
    let ended!: () => void;
    this.#background = new Promise((resolve) => (ended = resolve));
    let release: (() => void) | undefined = await this.#acquire();
    let [since, waited] = [performance.now(), 0];
    const makeWay: MakeWay = async (signal) => {
      await breathe();
      signal?.throwIfAborted();
      const isWanted = this.#waiting > 0 || this.#announced.size > 0;
      if (!isWanted || performance.now() - since < waited) return;
      const left = performance.now();
      release?.();
      release = undefined;
      release = await this.#comeBack(signal);
      [since, waited] = [performance.now(), performance.now() - left];
    };
    try {
      return await job(makeWay);
    } finally {
      release?.();
      this.#background = undefined;
      ended();
    }
  }

  async #comeBack(signal: AbortSignal | undefined): Promise<() => void> {
    const back = Promise.all(this.#announced).then(async () => await this.#acquire());
    if (!signal) return await back;
    const given = new AbortController();
    const aborted = new Promise<never>((_, reject) => {
      const abort = (): void => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true, signal: given.signal });
    });
    try {
      return await Promise.race([back, aborted]);
    } catch (error) {
      void back.then((release) => release()); // the turn is nobody's
      throw error;
    } finally {
      given.abort();
    }
  }

  /** @returns what gives the turn back */
  async #acquire(): Promise<() => void> {
    const before = this.#tail;
    let release!: () => void;
    this.#tail = new Promise((resolve) => (release = resolve));
    await before;
    return release;
  }
}

const always = (): Promise<boolean> => Promise.resolve(true);
