import { footprint } from '../graph/footprint.js';
import type { Graph, GraphOptions } from '../graph/graph.js';
import { fusedAttentionWorks } from './fusedAttention.js';
import { type CompileOptions, Session } from './session.js';
import { keptBytes, thriftFor } from './thrift.js';

/** How many compiled graphs stay ready: an edit uses four, and the next edit of the session the same four. */
const KEPT = 8;
/** Bytes that they may hold together between runs: SD 1.5's denoiser for two shapes, its text encoder and autoencoder. */
const KEPT_BYTES = 3e9;

interface Entry {
  readonly session: Promise<Session>;
  /** Bytes it holds between runs; 0 until it is compiled. */
  held: number;
}

/** Compiled sessions by what they are for; the least recently used is released when they are too many or too large. */
export class SessionCache {
  readonly #entries = new Map<string, Entry>();
  #options: CompileOptions;

  constructor(options: CompileOptions) {
    this.#options = options;
  }

  /** Sessions compiled from now on write what each of their nodes took (see CompileOptions.trace). */
  traceTo(prefix: string): void {
    this.#options = { ...this.#options, trace: prefix };
  }

  /** The session under `key`, compiled the first time from `build`, which is told what the device wants of a graph. */
  async get(key: string, build: (options: GraphOptions) => Graph): Promise<Session> {
    const entry = this.#entries.get(key) ?? this.#begun(build);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // a failed compilation must not stay as the answer for ever
    entry.session.catch(() => this.#entries.delete(key));
    const session = await entry.session;
    while (this.#entries.size > 1 && (this.#entries.size > KEPT || this.#held() > KEPT_BYTES))
      await this.#drop(this.#entries.keys().next().value!);
    return session;
  }

  /** A session of the caller's own, who releases it. */
  async compile(build: (options: GraphOptions) => Graph, options: CompileOptions = {}): Promise<Session> {
    return await this.#compile(await this.#built(build), options);
  }

  /** Releases every session, for work that needs the memory. */
  async clear(): Promise<void> {
    for (const key of [...this.#entries.keys()]) await this.#drop(key);
  }

  #begun(build: (options: GraphOptions) => Graph): Entry {
    const graph = this.#built(build);
    const entry: Entry = { session: graph.then((built) => this.#compile(built, {})), held: 0 };
    void graph.then((built) => (entry.held = keptBytes(footprint(built)))).catch(() => undefined);
    return entry;
  }

  async #built(build: (options: GraphOptions) => Graph): Promise<Graph> {
    return build({ fusedAttention: await fusedAttentionWorks(this.#options.device ?? 'cpu') });
  }

  async #compile(graph: Graph, options: CompileOptions): Promise<Session> {
    const { device = 'cpu' } = this.#options;
    const thrift = device === 'cpu' ? { thrift: thriftFor(footprint(graph)) } : {};
    return await Session.compile(graph, { ...this.#options, ...thrift, ...options });
  }

  #held(): number {
    return [...this.#entries.values()].reduce((sum, { held }) => sum + held, 0);
  }

  async #drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    await (await entry?.session)?.release();
  }
}
