import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
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
import { UserError } from '../errors.js';
import type { EngineOptions } from './inProcess.js';
import { endFirst, heldMegabytes, MALLOC } from './memory.js';
import { CALL_AT, type FromChild, type Method, PROTOCOL, type ToChild } from './protocol.js';

export interface HostOptions extends EngineOptions {
  /** The longest silence of each call before its process counts as hung, in ms. */
  readonly patience?: Partial<Record<Method, number>>;
  /** How long an aborted call may still take before its process is stopped, in ms. */
  readonly grace?: number;
  /** More environment for the process, beyond what it needs. */
  readonly env?: Readonly<Record<string, string>>;
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
const START_PATIENCE = 60_000;
const GRACE = 5_000;
const MEMORY_CHECK = 200;
/** The compiled child runs also when the host itself runs from its sources, as under the test runner. */
const CHILD = fileURLToPath(new URL('../../../dist/engine/process/child.js', import.meta.url));
/** What the process gets of the environment: paths and drivers, no tokens, no database. */
const PASSED =
  /^(?:PATH|HOME|TMPDIR|TEMP|TMP|LANG|SystemRoot|USERPROFILE|XDG_CACHE_HOME|LD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|VK_\w+|OMP_\w+)$/;

interface Running {
  readonly id: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: EngineCall['onProgress'];
  readonly heard: () => void;
}

/** Runs the engine in a process of its own and survives it: a call fails with a clear message, the next one works. */
export class EngineHost implements Engine {
  #child: Promise<ChildProcess> | undefined;
  #process: ChildProcess | undefined;
  #running: Running | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #ids = 0;
  /** Why we stopped the process ourselves. */
  #stopped: EngineFailure | undefined;
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
    this.#stop(new EngineFailure('closed', 'dedit is stopping'));
    await this.#last.catch(() => {});
  }

  /** One call at a time: a device has one memory, and the child's thread is blocked while it computes. */
  #call(method: Method, args: readonly unknown[], call: EngineCall = {}): Promise<unknown> {
    const result = this.#last.then(
      () => this.#run(method, args, call),
      () => this.#run(method, args, call),
    );
    this.#last = result;
    return result;
  }

  async #run(method: Method, args: readonly unknown[], { signal, onProgress }: EngineCall): Promise<unknown> {
    if (this.#closed) throw new EngineFailure('closed', 'dedit is stopping');
    signal?.throwIfAborted();
    const child = await (this.#child ??= this.#start());
    signal?.throwIfAborted(); // a process takes a moment to start
    const id = ++this.#ids;
    const patience = this.options.patience?.[method] ?? PATIENCE[method];
    let silence: NodeJS.Timeout | undefined;
    let grace: NodeJS.Timeout | undefined;
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(
        () => this.#stop(new EngineFailure('timeout', `the engine did not answer for ${patience / 1000} s`)),
        patience,
      );
    };
    const abort = (): void => {
      this.#send(child, { type: 'abort', id });
      grace = setTimeout(
        () => this.#stop(new EngineFailure('timeout', 'the engine did not stop when it was asked to')),
        this.options.grace ?? GRACE,
      );
    };
    const memory = setInterval(() => this.#checkMemory(), MEMORY_CHECK);
    try {
      return await new Promise((resolve, reject) => {
        this.#running = { id, resolve, reject, onProgress, heard };
        heard();
        signal?.addEventListener('abort', abort, { once: true });
        const progress = onProgress !== undefined && CALL_AT[method] !== undefined;
        this.#send(child, { type: 'call', id, method, args, progress });
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw error;
    } finally {
      this.#running = undefined;
      signal?.removeEventListener('abort', abort);
      clearTimeout(silence);
      clearTimeout(grace);
      clearInterval(memory);
      if (this.#isTooLarge()) this.#abandon(child);
    }
  }

  #send(child: ChildProcess, message: ToChild): void {
    child.send(message, () => {}); // a process that is gone tells so by its exit
  }

  async #start(): Promise<ChildProcess> {
    const { patience: _p, grace: _g, env = {}, ...engine } = this.options;
    const { memoryLimit } = engine;
    const passed = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)));
    const child = fork(CHILD, {
      serialization: 'advanced',
      execArgv: memoryLimit ? [`--max-old-space-size=${memoryLimit}`] : [],
      env: { ...MALLOC, ...passed, ...env, DEDIT_ENGINE: JSON.stringify(engine) },
    });
    this.#process = child;
    if (child.pid !== undefined) endFirst(child.pid);
    this.#stopped = undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => {
          this.#stop(new EngineFailure('timeout', 'the engine did not start'));
        }, START_PATIENCE);
        child.once('message', (message: FromChild) => {
          clearTimeout(late);
          if (message.type === 'ready' && message.protocol === PROTOCOL) return resolve();
          reject(
            new EngineFailure(
              'version',
              'the engine process is of another build than this one: run "npm run prepare" and start again',
            ),
          );
        });
        child.once('exit', (code, signal) => {
          clearTimeout(late);
          const failure = this.#stopped ?? died(code, signal);
          reject(failure);
          if (this.#process !== child) return; // it was abandoned, and another one may be at work
          this.#child = this.#process = undefined;
          this.#running?.reject(failure);
        });
        child.on('error', (error) => {
          clearTimeout(late);
          reject(new EngineFailure('crashed', `the engine cannot be started (${error.message})`));
        });
      });
    } catch (error) {
      this.#abandon(child);
      throw error;
    }
    child.on('message', (message: FromChild) => this.#hear(message));
    return child;
  }

  #hear(message: FromChild): void {
    const running = this.#running;
    if (message.type === 'ready' || running?.id !== message.id) return;
    running.heard();
    if (message.type === 'progress') running.onProgress?.(message.progress);
    else if (message.type === 'done') running.resolve(message.result);
    else if (message.mendable) running.reject(new UserError(message.message));
    else running.reject(Object.assign(new Error(message.message), { stack: message.stack }));
  }

  #stop(why: EngineFailure): void {
    this.#stopped = why;
    this.#process?.kill('SIGKILL');
  }

  /** Ends a process that nothing waits for; the next call starts another one. */
  #abandon(child: ChildProcess): void {
    if (this.#process === child) this.#child = this.#process = undefined;
    child.kill('SIGKILL');
  }

  #checkMemory(): void {
    if (!this.#isTooLarge()) return;
    const limit = this.options.memoryLimit;
    this.#stop(
      new EngineFailure(
        'memory',
        `the engine needed more than ${limit} MB: send a smaller picture, or raise ENGINE_MEMORY_MB`,
      ),
    );
  }

  #isTooLarge(): boolean {
    const { memoryLimit } = this.options;
    if (!memoryLimit || process.platform !== 'linux' || !this.pid) return false;
    return heldMegabytes(this.pid) > memoryLimit;
  }
}

function died(code: number | null, signal: NodeJS.Signals | null): EngineFailure {
  const how = signal ? `was ended by ${signal}, perhaps for want of memory` : `ended with status ${code}`;
  return new EngineFailure('crashed', `the engine ${how}`);
}
