import { execFile } from 'node:child_process';
import { constants, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { PGlite } from '@electric-sql/pglite';

/** A copy of the database's files that was proven to open. */
export interface Snapshot {
  readonly path: string;
  /** When it was made. */
  readonly at: string;
  /** How far the database's log was written then (a pg_lsn). */
  readonly log: string;
}

const STAMP = 'dedit-snapshot.json';
const namesIn = (dir: string) => ({
  newest: join(dir, 'snapshot'),
  older: join(dir, 'snapshot.old'),
  next: join(dir, 'snapshot.new'),
});
/** Where the file system can, a copy shares its blocks with the original until one of them changes. */
const SHARING = constants.COPYFILE_FICLONE;
/** How long a copy may take to open, in ms. */
const PATIENCE = 120_000;

/** The newest snapshot in the folder of a database, if any. */
export function lastSnapshot(dir: string): Snapshot | undefined {
  const { newest, older } = namesIn(dir);
  const path = [newest, older].find((one) => existsSync(join(one, STAMP)));
  if (!path) return undefined;
  const stamp = JSON.parse(readFileSync(join(path, STAMP), 'utf8')) as Omit<Snapshot, 'path'>;
  return { ...stamp, path };
}

/** Lays a snapshot's files where the database's are looked for. */
export function putBack(snapshot: Snapshot, path: string): void {
  const files = { recursive: true, mode: SHARING, filter: (from: string) => !from.endsWith(STAMP) };
  cpSync(snapshot.path, path, files);
}

/**
 * Copies the files of an open database while it writes nothing, proves in a process of its own that the copy opens and every
 * row of it can be read, and only then lets it take the place of the snapshot before.
 * @returns false when nothing was written since that one
 * @throws when the copy cannot be made or does not open: the older snapshot stays
 */
export async function takeSnapshot(pglite: PGlite, dir: string, files: string): Promise<boolean> {
  const { newest, older, next } = namesIn(dir);
  const written = async (): Promise<string> => {
    const { rows } = await pglite.query<{ log: string }>('SELECT pg_current_wal_lsn()::text AS log');
    return rows[0]!.log;
  };
  if (lastSnapshot(dir)?.log === (await written())) return false;
  await rm(next, { recursive: true, force: true });
  await pglite.exec('CHECKPOINT');
  const log = await written();
  const at = new Date().toISOString();
  await pglite.runExclusive(async () => await cp(files, next, { recursive: true, mode: SHARING }));
  await prove(next);
  writeFileSync(join(next, STAMP), JSON.stringify({ at, log }));
  await promisify(execFile)('sync', ['-f', dir]).catch(() => {}); // not every system has it
  await rm(older, { recursive: true, force: true });
  if (existsSync(newest)) await rename(newest, older);
  await rename(next, newest);
  return true;
}

/** Postgres goes through all it has at a start; then each row is read. */
const PROOF = `
const [pglite, path] = process.argv.slice(1);
import(pglite).then(async ({ PGlite }) => {
  const database = await PGlite.create(path);
  const { rows } = await database.query("SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'");
  if (rows.length === 0) throw new Error('it has no tables');
  for (const { name } of rows) await database.query('SELECT count(t.*) FROM ' + name + ' t');
  await database.close();
  process.exit(0);
}).catch((error) => { console.error(String(error?.message ?? error)); process.exit(1); });`;

async function prove(path: string): Promise<void> {
  const pglite = pathToFileURL(createRequire(import.meta.url).resolve('@electric-sql/pglite')).href;
  await promisify(execFile)(process.execPath, ['-e', PROOF, pglite, path], { timeout: PATIENCE });
}
