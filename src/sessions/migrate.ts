import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../engine/errors.js';

/** Runs SQL: with values one statement, without them any number. */
export type RunSql = (sql: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;

/** The table that Prisma Migrate keeps, so that `prisma migrate deploy` finds what was applied here and we what it did. */
const TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

/** Any number; held while migrating so that processes that start together do not both apply. */
const LOCK = 72707369; // the one Prisma Migrate takes

/**
 * Applies the migrations of `folder` (Prisma's own layout) that the database lacks, each in one transaction.
 * @param run statements on ONE connection
 * @throws UserError when a newer dedit was here: this one would write rows that it does not understand
 */
export async function migrate(run: RunSql, folder: string): Promise<string[]> {
  await run(`SELECT pg_advisory_lock(${LOCK})`);
  try {
    await run(TABLE);
    const { rows } = await run(
      'SELECT migration_name FROM "_prisma_migrations" WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const applied = new Set(rows.map((row) => row.migration_name));
    const known = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const newer = [...applied].filter((name) => !known.includes(String(name)));
    if (newer.length > 0)
      throw new UserError(
        `this database belongs to a newer dedit (${newer.join(', ')}): start that one, or restore a backup from before it`,
      );
    const names = known.filter((name) => !applied.has(name)).sort();
    for (const name of names) {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
      const checksum = createHash('sha256').update(sql).digest('hex');
      const row = `('${randomUUID()}', '${checksum}', now(), '${name.replaceAll("'", "''")}', 1)`;
      await run(
        `BEGIN;\n${sql}\nINSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ${row};\nCOMMIT;`,
      );
    }
    return names;
  } finally {
    await run(`SELECT pg_advisory_unlock(${LOCK})`);
  }
}
