import type { Graph } from '../graph/graph.js';
import { type CompileOptions, Session } from './session.js';

/** How many compiled graphs stay ready: an edit uses four, and the next edit of the session the same four. */
const KEPT = 8;

/** Compiled sessions by what they are for; the least recently used is released. */
export class SessionCache {
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(private readonly options: CompileOptions) {}

  /** The session under `key`, compiled from `build()` the first time. */
  async get(key: string, build: () => Graph, options: Partial<CompileOptions> = {}): Promise<Session> {
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    const session = known ?? Session.compile(build(), { ...this.options, ...options });
    this.#sessions.set(key, session);
    // a failed compilation must not stay as the answer for ever
    session.catch(() => this.#sessions.delete(key));
    if (this.#sessions.size > KEPT) await this.drop(this.#sessions.keys().next().value!);
    return session;
  }

  async drop(key: string): Promise<void> {
    const session = this.#sessions.get(key);
    this.#sessions.delete(key);
    await (await session)?.release();
  }

  async clear(): Promise<void> {
    for (const key of [...this.#sessions.keys()]) await this.drop(key);
  }
}
