import type { EditOptions } from '../editor.js';
import type { Edit } from '../edits/index.js';
import {
  type Cutting,
  type Engine,
  type EngineCall,
  EngineFailure,
  type KnownScene,
  type ShownScene,
  type StoredScene,
} from '../engine.js';
import { HostError, UserError } from '../errors.js';
import { EngineProcess, type ProcessOptions } from './engineProcess.js';
import { CALL_AT, type FromChild, IN_BACKGROUND, type Method } from './protocol.js';

export interface HostOptions extends ProcessOptions {
  /** The longest silence of each call before its process counts as hung, in ms. */
  readonly patience?: Partial<Record<Method, number>>;
  /** How long an aborted call may still take before its process is stopped, in ms. */
  readonly grace?: number;
}

/** Loading a large checkpoint is silent for long. */
const PATIENCE: Record<Method, number> = {
  segment: 120_000,
  associate: 600_000,
  edit: 300_000,
  variants: 300_000,
  refine: 300_000,
  strip: 60_000,
  cutOut: 60_000,
  mask: 30_000,
};
const GRACE = 5_000;
const MEMORY_CHECK = 200;

interface Running {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: EngineCall['onProgress'];
  readonly heard: () => void;
}

/** Runs the engine in a process of its own and survives it: a call fails with a clear message, the next one works. */
export class EngineHost implements Engine {
  /** The process, and the same when it is ready. */
  #process: EngineProcess | undefined;
  #ready: Promise<EngineProcess> | undefined;
  /** At most one call that somebody waits for, and one in the background. */
  readonly #running = new Map<number, Running>();
  #last: Promise<unknown> = Promise.resolve();
  #lastInBackground: Promise<unknown> = Promise.resolve();
  #ids = 0;
  #closed = false;

  constructor(private readonly options: HostOptions) {}

  /** The process id, while there is one; for tests and metrics. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  segment(picture: Uint8Array, how: Cutting = {}, call?: EngineCall): Promise<ShownScene> {
    return this.#call('segment', [picture, how], call) as Promise<ShownScene>;
  }
  associate(scene: Parameters<Engine['associate']>[0], options: { seed: number }, call?: EngineCall) {
    return this.#call('associate', [scene, options], call) as ReturnType<Engine['associate']>;
  }
  edit(scene: KnownScene, edit: Edit, options: Partial<EditOptions>, call?: EngineCall): Promise<ShownScene> {
    return this.#call('edit', [scene, edit, options], call) as Promise<ShownScene>;
  }
  variants(
    scene: KnownScene,
    edit: Edit,
    options: Partial<EditOptions>,
    seeds: readonly number[],
    call?: EngineCall,
  ): Promise<ShownScene[]> {
    return this.#call('variants', [scene, edit, options, seeds], call) as Promise<ShownScene[]>;
  }
  refine(
    before: StoredScene & { readonly learned: Uint8Array },
    edit: Edit,
    draft: StoredScene,
    options: Partial<EditOptions>,
    call?: EngineCall,
  ): Promise<ShownScene | undefined> {
    return this.#call('refine', [before, edit, draft, options], call) as Promise<ShownScene | undefined>;
  }
  cutOut(scene: StoredScene, items: readonly number[]): Promise<Uint8Array> {
    return this.#call('cutOut', [scene, items]) as Promise<Uint8Array>;
  }
  strip(pictures: readonly Uint8Array[]): Promise<Uint8Array> {
    return this.#call('strip', [pictures]) as Promise<Uint8Array>;
  }
  mask(bytes: Uint8Array, size: { width: number; height: number }): Promise<Uint8Array> {
    return this.#call('mask', [bytes, size]) as Promise<Uint8Array>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#process?.stop(new EngineFailure('closed', 'dedit is stopping'));
    await Promise.allSettled([this.#last, this.#lastInBackground]);
  }

  /**
   * One call at a time, and beside it one in the background: a device has one memory, and the child's thread is blocked
   * while it computes, so that the two take turns there.
   */
  #call(method: Method, args: readonly unknown[], call: EngineCall = {}): Promise<unknown> {
    const run = () => this.#run(method, args, call);
    if (IN_BACKGROUND.has(method)) return (this.#lastInBackground = this.#lastInBackground.then(run, run));
    return (this.#last = this.#last.then(run, run));
  }

  async #run(method: Method, args: readonly unknown[], { signal, onProgress }: EngineCall): Promise<unknown> {
    if (this.#closed) throw new EngineFailure('closed', 'dedit is stopping');
    signal?.throwIfAborted();
    const child = await (this.#ready ??= this.#start());
    signal?.throwIfAborted(); // a process takes a moment to start
    const id = ++this.#ids;
    const patience = this.options.patience?.[method] ?? PATIENCE[method];
    let silence: NodeJS.Timeout | undefined;
    let grace: NodeJS.Timeout | undefined;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(
        () => child.stop(new EngineFailure('timeout', `the engine did not answer for ${patience / 1000} s`)),
        patience,
      );
    };
    const abort = (): void => {
      child.send({ type: 'abort', id });
      grace = setTimeout(() => {
        // who else is served there is not to pay for it: this call ends at its next step, and nobody hears of it
        if (this.#running.size > 1) this.#running.get(id)!.reject(signal!.reason as Error);
        else child.stop(new EngineFailure('timeout', 'the engine did not stop when it was asked to'));
      }, this.options.grace ?? GRACE);
    };
    const memory = setInterval(() => child.checkMemory(), MEMORY_CHECK);
    try {
      return await new Promise((resolve, reject) => {
        this.#running.set(id, { resolve, reject, onProgress, heard });
        heard();
        signal?.addEventListener('abort', abort, { once: true });
        const progress = onProgress !== undefined && CALL_AT[method] !== undefined;
        if (!IN_BACKGROUND.has(method)) child.send({ type: 'soon', id });
        child.send({ type: 'call', id, method, args, progress });
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw error;
    } finally {
      this.#running.delete(id);
      signal?.removeEventListener('abort', abort);
      clearTimeout(silence);
      clearTimeout(grace);
      clearInterval(memory);
      if (this.#running.size === 0 && child.isTooLarge()) this.#abandon(child);
    }
  }

  async #start(): Promise<EngineProcess> {
    const { patience: _p, grace: _g, ...options } = this.options;
    const child = new EngineProcess(options);
    this.#process = child;
    void child.ended.then((failure) => {
      if (this.#process !== child) return; // it was abandoned, and another one may be at work
      this.#ready = this.#process = undefined;
      for (const { reject } of this.#running.values()) reject(failure);
    });
    try {
      await child.ready();
    } catch (error) {
      this.#abandon(child);
      throw error;
    }
    child.listen((message) => this.#hear(message));
    return child;
  }

  #hear(message: FromChild): void {
    // one of them waits in silence while the other is at work
    for (const { heard } of this.#running.values()) heard();
    const running = message.type === 'ready' ? undefined : this.#running.get(message.id);
    if (message.type === 'ready' || !running) return;
    if (message.type === 'progress') running.onProgress?.(message.progress);
    else if (message.type === 'done') running.resolve(message.result);
    else if (message.ofTheHost) running.reject(new HostError(message.message));
    else if (message.mendable) running.reject(new UserError(message.message));
    else running.reject(Object.assign(new Error(message.message), { stack: message.stack }));
  }

  /** Ends a process that nothing waits for; the next call starts another one. */
  #abandon(child: EngineProcess): void {
    if (this.#process === child) this.#ready = this.#process = undefined;
    child.kill();
  }
}
