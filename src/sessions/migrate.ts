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
    const applied = await appliedMigrations(run);
    const known = migrationsIn(folder);
    checkNotNewer('this database', applied, known);
    const names = known.filter((name) => !applied.includes(name));
    for (const name of names) await run(`BEGIN;\n${statementsOf(folder, name)}\nCOMMIT;`);
    return names;
  } finally {
    await run(`SELECT pg_advisory_unlock(${LOCK})`);
  }
}

/** Makes the tables of an earlier day: these migrations and no others, within a transaction, where there are none yet. */
export async function migrateTo(run: RunSql, folder: string, names: readonly string[]): Promise<void> {
  await run(TABLE);
  await run('DELETE FROM "_prisma_migrations"');
  for (const name of names) await run(statementsOf(folder, name));
}

/** What has been applied; nothing where there is no table of it. */
export async function appliedMigrations(run: RunSql): Promise<string[]> {
  const { rows: there } = await run(`SELECT to_regclass('"_prisma_migrations"') IS NOT NULL AS there`);
  if (!there[0]?.there) return [];
  const { rows } = await run(
    `SELECT migration_name AS name FROM "_prisma_migrations"
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`,
  );
  return rows.map(({ name }) => name as string);
}

/** The migrations that this dedit knows, in order. */
export const migrationsIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();

/** The tables and enums that migrations make: of a database, no others are ours. */
export function madeBy(folder: string): { tables: string[]; enums: string[] } {
  const sql = migrationsIn(folder).map((name) => readFileSync(join(folder, name, 'migration.sql'), 'utf8'));
  const named = (pattern: RegExp) => sql.flatMap((text) => Array.from(text.matchAll(pattern), (m) => m[1]!));
  return { tables: named(/^CREATE TABLE "(\w+)"/gm), enums: named(/^CREATE TYPE "(\w+)"/gm) };
}

/** @throws UserError */
export function checkNotNewer(what: string, applied: readonly string[], known: readonly string[]): void {
  const newer = applied.filter((name) => !known.includes(name));
  if (newer.length > 0)
    throw new UserError(
      `${what} belongs to a newer dedit (${newer.join(', ')}): start that one, or restore a backup from before it`,
    );
}

/** A migration's statements, and the one that remembers it. */
function statementsOf(folder: string, name: string): string {
  const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
  const checksum = createHash('sha256').update(sql).digest('hex');
  const row = `('${randomUUID()}', '${checksum}', now(), '${name.replaceAll("'", "''")}', 1)`;
  return `${sql}\nINSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ${row};`;
}
