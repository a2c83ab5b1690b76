import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { UserError } from '../engine/errors.js';
import { lockFolder } from './folderLock.js';
import { keepPrivate } from './private.js';
import { migrate, type RunSql } from './migrate.js';
import { PrismaClient } from './prisma/client.js';

/** The database of one process: the same schema on the embedded PGlite and on a Postgres server. */
export interface Database {
  readonly prisma: PrismaClient;
  /** Whether this process alone uses the database: then whatever was running when it started was interrupted. */
  readonly exclusive: boolean;
  close(): Promise<void>;
}

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/**
 * Opens the database and brings its schema up to date.
 * @param options `url` of a Postgres server, or else a folder for the embedded one (undefined: in memory)
 * @throws UserError when it cannot be reached or another process has the folder
 */
export async function openDatabase({ url, dir }: { url?: string; dir?: string }): Promise<Database> {
  return url ? await openServer(url) : await openEmbedded(dir);
}

async function openEmbedded(dir: string | undefined): Promise<Database> {
  let unlock = () => {};
  if (dir) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    unlock = await lockFolder(dir);
    keepPrivate(dir);
  }
  try {
    const pglite = await PGlite.create(dir ? join(dir, 'pg') : 'memory://');
    const run = async (sql: string, values: unknown[] = []) => {
      if (values.length > 0) {
        const { rows, affectedRows } = await pglite.query<Record<string, unknown>>(sql, values);
        return { rows, rowCount: rows.length || (affectedRows ?? 0) };
      }
      const results = await pglite.exec(sql);
      const last = results.at(-1);
      return { rows: (last?.rows ?? []) as Record<string, unknown>[], rowCount: last?.affectedRows ?? 0 };
    };
    await migrate(run, MIGRATIONS);
    const prisma = new PrismaClient({ adapter: new PrismaPGlite(pglite) });
    return {
      prisma,
      exclusive: true,
      close: async () => {
        await prisma.$disconnect();
        if (!pglite.closed) await pglite.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

async function openServer(url: string): Promise<Database> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new UserError(
      `cannot reach the database of DATABASE_URL (${code ?? message}): is the server running, and are user and password right?`,
    );
  }
  try {
    const run: RunSql = (sql, values) => client.query(sql, values);
    await migrate(run, MIGRATIONS);
  } finally {
    await client.end();
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 8 }) });
  return {
    prisma,
    exclusive: false,
    close: () => prisma.$disconnect(),
  };
}
