import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import pg from 'pg';
import type { EngineProgress } from '../engine/engine.js';
import type { TaskKind } from './tasks.js';

/** What a process tells of its work while it is going on; nothing that the rows do not say in the end. */
export interface WorkEvents {
  progress: [{ session: string; revision?: string; progress: EngineProgress }];
  /** Something new lies in the session's outbox: work of this kind has ended. */
  told: [session: string, work: TaskKind];
}

export interface WireEvents extends WorkEvents {
  /** There may be a task that another process can do. */
  asked: [];
}

type Message = { readonly from: string } & (
  | { readonly kind: 'progress'; readonly event: WorkEvents['progress'][0] }
  | { readonly kind: 'told'; readonly session: string; readonly work: TaskKind }
  | { readonly kind: 'asked' }
);

const CHANNEL = 'dedit_work';
const AGAIN = 1_000;
/** In ms: how often the server is asked whether it is there, which who only listens would not hear. */
const ALIVE = 10_000;

/**
 * Carries what workers tell to the process that listens to people, by Postgres' own NOTIFY. A courtesy: what is lost
 * while the server is away is progress, never a result. Previews stay behind: a payload has at most 8,000 bytes
 * (postgresql.org/docs/current/sql-notify.html).
 */
export class Wire extends EventEmitter<WireEvents> {
  readonly #me = randomUUID();
  #client: pg.Client | undefined;
  #again: NodeJS.Timeout | undefined;
  #alive: NodeJS.Timeout | undefined;
  #closed = false;
  #sent: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly url: string,
    private readonly alive: number,
  ) {
    super();
  }

  /** @param alive how often the server is asked whether it is there, and how long it may take to answer, in ms */
  static async open(url: string, alive = ALIVE): Promise<Wire> {
    const wire = new Wire(url, alive);
    await wire.#connect();
    wire.#alive = setInterval(() => wire.#ask('SELECT 1'), alive).unref();
    return wire;
  }

  tellProgress({ progress: { stage, step, of }, ...event }: WorkEvents['progress'][0]): void {
    this.#send({ from: this.#me, kind: 'progress', event: { ...event, progress: { stage, step, of } } });
  }

  tellTold(session: string, work: TaskKind): void {
    this.#send({ from: this.#me, kind: 'told', session, work });
  }

  tellAsked(): void {
    this.#send({ from: this.#me, kind: 'asked' });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#again);
    clearInterval(this.#alive);
    await this.#client?.end().catch(() => {});
  }

  #send(message: Message): void {
    this.#ask('SELECT pg_notify($1, $2)', [CHANNEL, JSON.stringify(message)]);
  }

  #ask(sql: string, values: readonly string[] = []): void {
    // one after the other, as pg wants it
    this.#sent = this.#sent.then(async () => {
      const client = this.#client;
      try {
        await client?.query(sql, [...values]);
      } catch {
        client?.connection.stream.destroy(); // 'end' follows
      }
    });
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionString: this.url, query_timeout: this.alive });
    client.on('error', () => {}); // 'end' follows
    client.on('end', () => this.#lost());
    client.on('notification', ({ payload = '{}' }) => this.#hear(JSON.parse(payload) as Message));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.#client = client;
    } catch {
      this.#lost();
    }
  }

  #lost(): void {
    this.#client = undefined;
    clearTimeout(this.#again);
    if (!this.#closed) this.#again = setTimeout(() => void this.#connect(), AGAIN);
  }

  #hear(message: Message): void {
    if (message.from === this.#me) return;
    if (message.kind === 'progress') this.emit('progress', message.event);
    else if (message.kind === 'told') this.emit('told', message.session, message.work);
    else if (message.kind === 'asked') this.emit('asked');
  }
}
