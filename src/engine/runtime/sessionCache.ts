import { type Footprint, footprint } from '../graph/footprint.js';
import type { Graph, GraphOptions } from '../graph/graph.js';
import { fusedAttentionWorks } from './fusedAttention.js';
import { type CompileOptions, Session } from './session.js';
import { crowding, needOf, needOnGpu, type Room, roomOf, type SessionNeed } from './room.js';
import { type Thrift, thriftFor } from './thrift.js';

interface Entry {
  readonly session: Promise<Session>;
  /** Unknown until it is compiled: what is still being compiled is not released, two that wait for each other never end. */
  need?: SessionNeed;
}

/**
 * Compiled sessions by what they are for. The least recently used are released when the one that is asked for would not
 * have enough room beside them: a session is to be asked for anew before each run.
 */
export class SessionCache {
  readonly #entries = new Map<string, Entry>();
  /** Of sessions that are their callers'. */
  readonly #own = new Set<SessionNeed>();
  #options: CompileOptions;

  /** @param room what all of them may have together; told by the device where nobody says */
  constructor(
    options: CompileOptions,
    private readonly room?: Room,
  ) {
    this.#options = options;
  }

  /** Sessions compiled from now on write what each of their nodes took (see CompileOptions.trace). */
  traceTo(prefix: string): void {
    this.#options = { ...this.#options, trace: prefix };
  }

  /** The session under `key`, compiled the first time from `build`, which is told what the device wants of a graph. */
  async get(key: string, build: (options: GraphOptions) => Graph): Promise<Session> {
    const known = this.#entries.get(key);
    const entry = known ?? this.#begun(build);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    // a failed compilation must not stay as the answer for ever
    entry.session.catch(() => this.#entries.delete(key));
    const session = await entry.session;
    if (known) await this.#makeRoom(entry.need!, entry);
    return session;
  }

  /** A session of the caller's own, who releases it. @param thriftOf what speed may cost of memory, where that is not usual */
  async compile(
    build: (options: GraphOptions) => Graph,
    thriftOf?: (found: Footprint) => Thrift,
  ): Promise<Session> {
    const graph = await this.#built(build);
    const found = footprint(graph);
    const thrift = thriftOf?.(found);
    const need = this.#need(found, thrift);
    await this.#makeRoom(need);
    const onRelease = (): void => void this.#own.delete(need);
    const session = await this.#compile(graph, { ...(thrift ? { thrift } : {}), onRelease });
    this.#own.add(need);
    return session;
  }

  /** Whether sessions of so many bytes can be beside those that are their callers'. */
  hasRoomFor(bytes: number): boolean {
    const taken = [...this.#own].reduce((sum, { mapped, kept, working }) => sum + mapped + kept + working, 0);
    return taken + bytes <= (this.room ?? roomOf(this.#options.device ?? 'cpu')).resident;
  }

  /** Releases every session, for work that needs the memory. */
  async clear(): Promise<void> {
    for (const key of [...this.#entries.keys()]) await this.#drop(key);
  }

  #begun(build: (options: GraphOptions) => Graph): Entry {
    const session = this.#built(build).then(async (graph) => {
      const need = this.#need(footprint(graph));
      await this.#makeRoom(need);
      const compiled = await this.#compile(graph, {});
      entry.need = need;
      return compiled;
    });
    const entry: Entry = { session };
    return entry;
  }

  async #built(build: (options: GraphOptions) => Graph): Promise<Graph> {
    const { device = 'cpu' } = this.#options;
    return build({ onCpu: device === 'cpu', fusedAttention: await fusedAttentionWorks(device) });
  }

  async #compile(graph: Graph, options: CompileOptions): Promise<Session> {
    const { device = 'cpu' } = this.#options;
    const thrift = device === 'cpu' ? { thrift: thriftFor(footprint(graph)) } : {};
    return await Session.compile(graph, { ...this.#options, ...thrift, ...options });
  }

  #need(found: Footprint, thrift?: Thrift): SessionNeed {
    const { device = 'cpu' } = this.#options;
    return device === 'cpu' ? needOf(found, thrift) : needOnGpu(found);
  }

  /** Releases what stands in the way of a run. @param own the entry that it is of, when it is one */
  async #makeRoom(need: SessionNeed, own?: Entry): Promise<void> {
    const others = [...this.#entries].flatMap(([key, entry]) =>
      entry !== own && entry.need ? [{ key, need: entry.need }] : [],
    );
    const count = crowding(
      others.map((other) => other.need),
      need,
      this.room ?? roomOf(this.#options.device ?? 'cpu'),
      [...this.#own],
    );
    for (const { key } of others.slice(0, count)) await this.#drop(key);
  }

  async #drop(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    await (await entry?.session)?.release();
  }
}
