interface Lane {
  /** What waits for its turn; a later one takes its place. */
  next?: { readonly job: () => Promise<void>; readonly done: PromiseWithResolvers };
  timer?: NodeJS.Timeout;
}
interface PromiseWithResolvers {
  readonly promise: Promise<void>;
  resolve(): void;
}

const deferred = (): PromiseWithResolvers => {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
};

/**
 * At most one job per key and interval; of those that wait, the last wins. Discord allows about five edits in five
 * seconds a channel, and a person wants the newest preview, not all of them.
 */
export class EditPacer {
  readonly #lanes = new Map<string, Lane>();
  constructor(
    readonly intervalMs: number,
    readonly failed: (error: unknown) => void,
  ) {}

  /** Resolves when this job, or the one that took its place, has run or failed. */
  submit(key: string, job: () => Promise<void>): Promise<void> {
    const lane = this.#lanes.get(key);
    if (lane) {
      lane.next = { job, done: lane.next?.done ?? deferred() };
      return lane.next.done.promise;
    }
    const done = deferred();
    const opened: Lane = {};
    this.#lanes.set(key, opened);
    void this.#run(key, opened, { job, done });
    return done.promise;
  }

  async #run(key: string, lane: Lane, turn: NonNullable<Lane['next']>): Promise<void> {
    const began = performance.now();
    await turn.job().catch(this.failed);
    turn.done.resolve();
    lane.timer = setTimeout(
      () => this.#turn(key, lane),
      Math.max(0, this.intervalMs - (performance.now() - began)),
    );
  }

  #turn(key: string, lane: Lane): void {
    clearTimeout(lane.timer);
    const { next } = lane;
    delete lane.next;
    delete lane.timer;
    if (next) void this.#run(key, lane, next);
    else this.#lanes.delete(key);
  }

  /** Runs what waits at once and resolves when it has. */
  async flush(): Promise<void> {
    const waiting = [...this.#lanes].map(([key, lane]) => {
      const promise = lane.next?.done.promise;
      if (lane.timer) this.#turn(key, lane);
      return promise;
    });
    await Promise.all(waiting);
    for (const lane of this.#lanes.values()) clearTimeout(lane.timer);
    this.#lanes.clear();
  }
}
