/** One life of the process that the engine runs in: its start, what it says, its end. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EngineFailure } from '../engine.js';
import { endFirst, heldMegabytes, MALLOC } from './memory.js';
import type { EngineOptions } from './options.js';
import { type FromChild, PROTOCOL, type ToChild } from './protocol.js';

export interface ProcessOptions extends EngineOptions {
  /** More environment for the process, beyond what it needs. */
  readonly env?: Readonly<Record<string, string>>;
}

const START_PATIENCE = 60_000;
/** The compiled child runs also when the host itself runs from its sources, as under the test runner. */
const CHILD = fileURLToPath(new URL('../../../dist/engine/process/child.js', import.meta.url));
/** What the process gets of the environment: paths and drivers, no tokens, no database. */
const PASSED =
  /^(?:PATH|HOME|TMPDIR|TEMP|TMP|LANG|SystemRoot|USERPROFILE|XDG_CACHE_HOME|LD_LIBRARY_PATH|CUDA_\w+|NVIDIA_\w+|VK_\w+|OMP_\w+)$/;

export class EngineProcess {
  /** Fulfilled when it has ended, with what a call that waits for it fails with. */
  readonly ended: Promise<EngineFailure>;
  readonly #child: ChildProcess;
  readonly #memoryLimit: number | undefined;
  /** Why we stopped it ourselves. */
  #stopped: EngineFailure | undefined;

  /** Starts it. */
  constructor({ env = {}, ...engine }: ProcessOptions) {
    const { memoryLimit } = engine;
    this.#memoryLimit = memoryLimit;
    const passed = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)));
    this.#child = fork(CHILD, {
      serialization: 'advanced',
      execArgv: memoryLimit ? [`--max-old-space-size=${memoryLimit}`] : [],
      env: { ...MALLOC, ...passed, ...env, DEDIT_ENGINE: JSON.stringify(engine) },
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(this.#stopped ?? died(code, signal)));
    });
    if (this.#child.pid !== undefined) endFirst(this.#child.pid);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws EngineFailure when it does not start, or is of another build */
  async ready(): Promise<void> {
    const late = setTimeout(
      () => this.stop(new EngineFailure('timeout', 'the engine did not start')),
      START_PATIENCE,
    );
    try {
      await new Promise<void>((resolve, reject) => {
        this.#child.once('message', (message: FromChild) => {
          if (message.type === 'ready' && message.protocol === PROTOCOL) return resolve();
          reject(
            new EngineFailure(
              'version',
              'the engine process is of another build than this one: run "npm run prepare" and start again',
              true,
            ),
          );
        });
        void this.ended.then(reject);
        this.#child.on('error', (error) => {
          reject(new EngineFailure('crashed', `the engine cannot be started (${error.message})`, true));
        });
      });
    } finally {
      clearTimeout(late);
    }
  }

  listen(hear: (message: FromChild) => void): void {
    this.#child.on('message', hear);
  }

  send(message: ToChild): void {
    this.#child.send(message, () => {}); // a process that is gone tells so by its end
  }

  /** Ends it; who waits for it hears why. */
  stop(why: EngineFailure): void {
    this.#stopped = why;
    this.kill();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Stops it when it holds more than it may. */
  checkMemory(): void {
    if (!this.isTooLarge()) return;
    this.stop(
      new EngineFailure(
        'memory',
        `the engine needed more than ${this.#memoryLimit} MB: send a smaller picture, or raise ENGINE_MEMORY_MB`,
      ),
    );
  }

  isTooLarge(): boolean {
    if (!this.#memoryLimit || process.platform !== 'linux' || !this.pid) return false;
    return heldMegabytes(this.pid) > this.#memoryLimit;
  }
}

function died(code: number | null, signal: NodeJS.Signals | null): EngineFailure {
  const how = signal ? `was ended by ${signal}, perhaps for want of memory` : `ended with status ${code}`;
  return new EngineFailure('crashed', `the engine ${how}`);
}
