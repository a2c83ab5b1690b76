import type { Graph, GraphOptions } from '../graph/graph.js';
import { fusedAttentionWorks } from './fusedAttention.js';
import { type CompileOptions, Session } from './session.js';

/** How many compiled graphs stay ready: an edit uses four, and the next edit of the session the same four. */
const KEPT = 8;

/** Compiled sessions by what they are for; the least recently used is released. */
export class SessionCache {
  readonly #sessions = new Map<string, Promise<Session>>();

  constructor(private readonly options: CompileOptions) {}

  /** The session under `key`, compiled the first time from `build`, which is told what the device wants of a graph. */
  async get(key: string, build: (options: GraphOptions) => Graph): Promise<Session> {
    const known = this.#sessions.get(key);
    this.#sessions.delete(key);
    const session = known ?? this.compile(build);
    this.#sessions.set(key, session);
    // a failed compilation must not stay as the answer for ever
    session.catch(() => this.#sessions.delete(key));
    if (this.#sessions.size > KEPT) await this.#drop(this.#sessions.keys().next().value!);
    return session;
  }

  /** A session of the caller's own, who releases it. */
  async compile(build: (options: GraphOptions) => Graph, options: CompileOptions = {}): Promise<Session> {
    const fusedAttention = await fusedAttentionWorks(this.options.device ?? 'cpu');
    return Session.compile(build({ fusedAttention }), { ...this.options, ...options });
  }

  /** Releases every session, for work that needs the memory. */
  async clear(): Promise<void> {
    for (const key of [...this.#sessions.keys()]) await this.#drop(key);
  }

  async #drop(key: string): Promise<void> {
    const session = this.#sessions.get(key);
    this.#sessions.delete(key);
    await (await session)?.release();
  }
}
