import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Blobs, type BlobsConfig } from '../../src/sessions/blobs.js';
import { openDatabase } from '../../src/sessions/database.js';
import { sweepBlobs } from '../../src/sessions/retention.js';
import { Sessions } from '../../src/sessions/sessions.js';
import type { startPostgres } from '../support/postgres.js';
import type { openS3 } from '../support/s3.js';
import { TinyDisk } from '../support/tinyDisk.js';
import type { Left, Received } from './check.js';
import { Proxy } from './proxy.js';

export type Server = Awaited<ReturnType<typeof startPostgres>>;
export type Bucket = Awaited<ReturnType<typeof openS3>>;
const WORKERS = 3;
const HOUR = 3600_000;

/** One process, with a network of its own to the database and to the bucket. */
export class Member {
  child: ChildProcess | undefined;
  readonly logged: string[] = [];

  constructor(
    readonly name: string,
    readonly proxies: readonly Proxy[],
    private readonly config: object,
    private readonly heard: (message: Record<string, unknown>) => void,
    private readonly random: (below: number) => number,
  ) {}

  get isUp(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Until it is ready, as a supervisor does: what cannot start is started again. */
  async start(): Promise<void> {
    while (!this.isUp) {
      const role = this.name === 'bot' ? 'bot' : 'worker';
      const config = JSON.stringify({ ...this.config, role, seed: 1 + this.random(2 ** 30) });
      const child = fork('test/chaos/process.mjs', [config], {
        execArgv: ['--no-warnings', '--import', './test/chaos/clock.mjs'],
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      this.child = child;
      child.stderr!.on('data', (data) => void this.logged.push(String(data)));
      const ready = new Promise<boolean>((resolve) => {
        child.on('message', (message: Record<string, unknown>) => {
          if (message.ready) resolve(true);
          if (message.log) this.logged.push(String(message.log));
          this.heard(message);
        });
        child.once('exit', () => resolve(false));
      });
      if (!(await ready)) await sleep(300);
    }
  }

  send(message: object): void {
    if (this.isUp && this.child!.connected) this.child!.send(message, () => {});
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.isUp) return;
    const ended = once(this.child!, 'exit');
    this.child!.kill(signal);
    const patience = setTimeout(() => this.child!.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(patience);
  }
}

/** A bot and workers over one database and one place for pictures, each reached by every process in its own way. */
export class Town {
  readonly members: Member[] = [];
  readonly acknowledged = new Set<string>();
  readonly dir = mkdtempSync(join(tmpdir(), 'dedit-chaos-'));
  readonly posts = join(this.dir, 'posts');
  readonly #answers = new Map<string, () => void>();

  private constructor(
    readonly server: Server,
    readonly url: string,
    readonly disk: TinyDisk | undefined,
    readonly blobs: Blobs,
  ) {}

  /** @param disk whether pictures lie on a small disk that can be full, or else in a bucket that can be away */
  static async open(
    server: Server,
    bucket: Bucket,
    { act, disk, random }: { act: number; disk: boolean; random: (below: number) => number },
  ): Promise<Town> {
    const admin = new pg.Client(server.url);
    await admin.connect();
    await admin.query(`CREATE DATABASE act${act}`);
    await admin.end();
    const url = new URL(server.url);
    url.pathname = `/act${act}`;
    const tiny = disk ? new TinyDisk('16m') : undefined;
    const blobs = tiny ? Blobs.inFolder(tiny.dir) : await Blobs.of(bucket.config);
    const town = new Town(server, url.href, tiny, blobs);
    for (const name of ['bot', ...Array.from({ length: WORKERS }, (_, i) => `worker ${i + 1}`)]) {
      const toDatabase = await Proxy.open(server.port);
      const toBucket = await Proxy.open(Number(new URL(bucket.config.S3_ENDPOINT!).port));
      url.port = String(toDatabase.port);
      const there: BlobsConfig = { ...bucket.config, S3_ENDPOINT: `http://127.0.0.1:${toBucket.port}` };
      const config = {
        ...{ dataDir: town.dir, databaseUrl: url.href, posts: town.posts },
        blobs: tiny ? { folder: tiny.dir } : there,
      };
      const heard = (message: Record<string, unknown>): void => town.#hear(message);
      town.members.push(new Member(name, [toDatabase, toBucket], config, heard, random));
    }
    for (const member of town.members) await member.start();
    return town;
  }

  get bot(): Member {
    return this.members[0]!;
  }

  #hear({ acknowledged, refused }: Record<string, unknown>): void {
    const id = (acknowledged ?? refused) as string | undefined;
    if (acknowledged) this.acknowledged.add(id!);
    if (id) this.#answers.get(id)?.();
  }

  /** Says it until it is acknowledged, as platforms do, and sometimes once more. @returns whether it was in time */
  async tell(event: { id: string }, until: number, twice: boolean): Promise<boolean> {
    while (!this.acknowledged.has(event.id)) {
      if (Date.now() > until) return false;
      const answered = new Promise<void>((resolve) => this.#answers.set(event.id, resolve));
      this.bot.send({ event });
      if (twice) this.bot.send({ event });
      await Promise.race([answered, sleep(this.bot.isUp ? 5000 : 300)]);
      if (!this.acknowledged.has(event.id)) await sleep(200);
    }
    return true;
  }

  received(): Received[] {
    if (!existsSync(this.posts)) return [];
    const lines = readFileSync(this.posts, 'utf8').split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as Received);
  }

  /** Everything is mended and up, and every clock is right. */
  async heal(): Promise<void> {
    this.disk?.makeRoom();
    for (const { proxies } of this.members) for (const proxy of proxies) proxy.set('open');
    for (const member of this.members) if (member.isUp) member.child!.kill('SIGCONT');
    for (const member of this.members) {
      await member.start();
      member.send({ clock: 0 });
    }
  }

  /** Waits until nothing is left to be done or told; then sweeps and looks. */
  async left(patience: number): Promise<Left> {
    const end = Date.now() + patience;
    let unfinished = await this.#unfinished();
    for (; unfinished.length > 0 && Date.now() < end; unfinished = await this.#unfinished()) await sleep(500);
    for (const member of this.members) await member.end('SIGTERM');
    const database = await openDatabase({ url: this.url });
    const later = () => new Date(Date.now() + 2 * HOUR); // what nobody names yet may be on its way for an hour
    await sweepBlobs(new Sessions({ database, blobs: this.blobs, now: later }));
    await database.close();
    const blobs: string[] = [];
    for await (const ids of this.blobs.sessions())
      for (const id of ids) blobs.push(...(await this.blobs.keysOf(id)));
    const sessions = await this.#rows<{ id: string; thread: string }>(`SELECT "id", "thread" FROM "Session"`);
    const ours = new Set(sessions.map(({ id }) => id));
    return {
      ...{ sessions, unfinished },
      revisions: await this.#rows(
        `SELECT s."thread", r."say", r."status" FROM "Revision" r JOIN "Session" s ON s."id" = r."sessionId"`,
      ),
      named: (
        await this.#rows<{ key: string }>(
          ['Session', 'Revision', 'Task', 'Post']
            .map(
              (t) =>
                `SELECT (regexp_matches(to_jsonb(r)::text, 'sessions/[^"\\\\]+', 'g'))[1] AS key FROM "${t}" r`,
            )
            .join(' UNION '),
        )
      ).map(({ key }) => key),
      // a bucket keeps what other acts left
      blobs: this.disk ? blobs : blobs.filter((key) => ours.has(key.split('/')[1]!)),
    };
  }

  async #unfinished(): Promise<string[]> {
    const rows = await this.#rows<{ what: string }>(`
      SELECT "kind" || ' still ' || "status" AS what FROM "Task" WHERE "status" IN ('PENDING', 'RUNNING')
      UNION ALL SELECT 'a post waits until ' || "notBefore" || ' after ' || "attempts" || ' attempts: ' || "notice"::text
      FROM "Post" WHERE "message" IS NULL AND "refused" IS NULL`);
    return rows.map(({ what }) => what);
  }

  async #rows<T>(sql: string): Promise<T[]> {
    const client = new pg.Client(this.url);
    await client.connect();
    try {
      return (await client.query(sql)).rows as T[];
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    for (const member of this.members) {
      await member.end('SIGKILL');
      for (const proxy of member.proxies) await proxy.close();
    }
    this.disk?.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
