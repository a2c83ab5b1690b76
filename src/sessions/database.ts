import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { UserError } from '../engine/errors.js';
import { type Asked, lockFolder } from './folderLock.js';
import { keepPrivate } from './private.js';
import { migrate, type RunSql } from './migrate.js';
import { PrismaClient } from './prisma/client.js';

/** Where a database is: a Postgres server's address, or else a folder for the embedded one (undefined: in memory). */
export interface DatabasePlace {
  readonly url?: string | undefined;
  readonly dir?: string | undefined;
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
  snapshot: Connection['snapshot'];
  /** Says how to answer what another process of this machine asks of the one that has the folder. */
  onAsked(answer: Asked): void;
  close(): Promise<void>;
}

export const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/**
 * Opens the database and brings its schema up to date.
 * @throws UserError when it cannot be reached or another process has the folder
 */
export async function openDatabase({ url, dir }: DatabasePlace): Promise<Database> {
  return url ? await openServer(url) : await openEmbedded(dir);
}

/**
 * Connects without touching the schema.
 * @throws UserError when it cannot be reached or another process has the folder
 */
export async function connect({ url, dir }: DatabasePlace): Promise<Connection> {
  return url ? await connectServer(url) : await connectFolder(dir, () => {});
}

async function openEmbedded(dir: string | undefined): Promise<Database> {
  let answer: Asked = (_, socket) => socket.destroy();
  const { pglite, run, snapshot, close } = await connectFolder(dir, (what, socket) => answer(what, socket));
  try {
    await migrate(run, MIGRATIONS);
    const prisma = new PrismaClient({ adapter: new PrismaPGlite(pglite) });
    return {
      ...{ prisma, exclusive: true, snapshot },
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

async function connectFolder(
  dir: string | undefined,
  asked: Asked,
): Promise<Connection & { readonly pglite: PGlite }> {
  let unlock = () => {};
  if (dir) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    unlock = await lockFolder(dir, asked);
    keepPrivate(dir);
  }
  try {
    const pglite = await PGlite.create(dir ? join(dir, 'pg') : 'memory://');
    return {
      ...{ pglite, exclusive: true, run: runOn(pglite) },
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

async function openServer(url: string): Promise<Database> {
  const { run, close } = await connectServer(url);
  try {
    await migrate(run, MIGRATIONS);
  } finally {
    await close();
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 8 }) });
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
