import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { UserError } from '../engine/errors.js';
import { filesIn, openFolder } from './embedded.js';
import { type Asked, lockFolder } from './folderLock.js';
import { openPool } from './postgres.js';
import { keepPrivate } from './private.js';
import { migrate, type RunSql } from './migrate.js';
import { PrismaClient } from './prisma/client.js';
import { takeSnapshot } from './snapshot.js';

/** Where a database is: a Postgres server's address, or else a folder for the embedded one (undefined: in memory). */
export interface DatabasePlace {
  readonly url?: string | undefined;
  readonly dir?: string | undefined;
  /** How long a statement on a server may be silent before its connection counts as gone, in ms. */
  readonly silence?: number | undefined;
  /** Whether what the embedded one acknowledges is on the disk, as it is unless a test has no need of that. */
  readonly sync?: boolean | undefined;
}

/** One connection, as the schema is now. */
export interface Connection {
  readonly run: RunSql;
  /** Whether nobody else can be connected. */
  readonly exclusive: boolean;
  /** One moment of all rows for as long as `work` reads; it changes nothing. */
  snapshot<T>(work: (run: RunSql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The database of one process: the same schema on the embedded PGlite and on a Postgres server. */
export interface Database {
  readonly prisma: PrismaClient;
  /** Whether this process alone uses the database: then whatever was running when it started was interrupted. */
  readonly exclusive: boolean;
  /** One sentence when the embedded database's files could not be read and its last snapshot took their place. */
  readonly recovered?: string | undefined;
  /** Makes a proven copy of the embedded database's files, to go back to. @returns whether anything was new */
  keepCopy?: (() => Promise<boolean>) | undefined;
  snapshot: Connection['snapshot'];
  /** Says how to answer what another process of this machine asks of the one that has the folder. */
  onAsked(answer: Asked): void;
  close(): Promise<void>;
}

export const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/**
 * Opens the database and brings its schema up to date.
 * @throws UserError when it cannot be reached or read, or another process has the folder
 */
export async function openDatabase({ url, silence, ...folder }: DatabasePlace): Promise<Database> {
  return url ? await openServer(url, silence) : await openEmbedded(folder);
}

/**
 * Connects without touching the schema.
 * @throws UserError when it cannot be reached or another process has the folder
 */
export async function connect({ url, ...folder }: DatabasePlace): Promise<Connection> {
  return url ? await connectServer(url) : await connectFolder(folder, () => {});
}

async function openEmbedded(folder: Folder): Promise<Database> {
  let answer: Asked = (_, socket) => socket.destroy();
  const { dir } = folder;
  const connected = await connectFolder(folder, (what, socket) => answer(what, socket));
  const { pglite, run, snapshot, recovered, close } = connected;
  try {
    await migrate(run, MIGRATIONS);
    const prisma = new PrismaClient({ adapter: new PrismaPGlite(pglite) });
    return {
      ...{ prisma, exclusive: true, snapshot, recovered },
      keepCopy: dir ? () => takeSnapshot(pglite, dir, filesIn(dir)) : undefined,
      onAsked: (how) => (answer = how),
      close: async () => {
        await prisma.$disconnect();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Folder = Pick<DatabasePlace, 'dir' | 'sync'>;

async function connectFolder(
  { dir, sync = true }: Folder,
  asked: Asked,
): Promise<Connection & { readonly pglite: PGlite; readonly recovered?: string | undefined }> {
  let unlock = () => {};
  if (dir) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    unlock = await lockFolder(dir, asked);
    keepPrivate(dir);
  }
  try {
    const { pglite, recovered = undefined } = dir
      ? await openFolder(dir, sync)
      : { pglite: await PGlite.create('memory://') };
    return {
      ...{ pglite, recovered, exclusive: true, run: runOn(pglite) },
      snapshot: (work) => pglite.transaction((tx) => work(runOn(tx))),
      close: async () => {
        if (!pglite.closed) await pglite.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

const runOn =
  (on: Pick<PGlite, 'query' | 'exec'>): RunSql =>
  async (sql, values = []) => {
    if (values.length > 0) {
      const { rows, affectedRows } = await on.query<Record<string, unknown>>(sql, values);
      return { rows, rowCount: rows.length || (affectedRows ?? 0) };
    }
    const results = await on.exec(sql);
    const last = results.at(-1);
    return { rows: (last?.rows ?? []) as Record<string, unknown>[], rowCount: last?.affectedRows ?? 0 };
  };

async function openServer(url: string, silence?: number): Promise<Database> {
  const { run, close } = await connectServer(url);
  try {
    await migrate(run, MIGRATIONS);
  } finally {
    await close();
  }
  const pool = openPool(url, silence);
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) });
  return {
    prisma,
    exclusive: false,
    snapshot: async (work) => {
      const connection = await connectServer(url);
      try {
        return await connection.snapshot(work);
      } finally {
        await connection.close();
      }
    },
    onAsked: () => {}, // who shares a server asks the server
    close: () => prisma.$disconnect(),
  };
}

async function connectServer(url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new UserError(
      `cannot reach the database of DATABASE_URL (${code ?? message}): is the server running, and are user and password right?`,
    );
  }
  const run: RunSql = (sql, values) => client.query(sql, values);
  return {
    ...{ run, exclusive: false },
    snapshot: async (work) => {
      await run('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      try {
        return await work(run);
      } finally {
        await run('ROLLBACK');
      }
    },
    close: () => client.end(),
  };
}
