import { mkdirSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { UserError } from '../../engine/errors.js';
import type { Blobs } from '../blobs.js';
import { type Connection, MIGRATIONS } from '../database.js';
import { checkNotNewer, madeBy, migrate, migrateTo, migrationsIn, type RunSql } from '../migrate.js';
import { type Ending, FORMAT, type Manifest } from './backup.js';
import { countOn, dropAll, putRows, tablesThere, unordered } from './rows.js';
import { type TarEntry, tarEntries } from './tar.js';

/** Bytes of rows that are held at once. */
const CHUNK = 4 * 2 ** 20;
/** Keys as `Blobs` makes them: nothing else in a backup becomes a file. */
const BLOB = /^blobs\/(sessions\/[\w-]{1,64}\/[\w-][\w.-]{0,200})$/;
const ROWS = /^rows\/(\w+)\.jsonl$/;

export interface RestoreInto {
  readonly connection: Connection;
  readonly blobs: Blobs;
  /** Where the secret lies that signs visitors' cookies. */
  readonly secret?: string | undefined;
  /** Whether what is there may go. */
  readonly replace: boolean;
}

/** What was put back. */
export interface Restored {
  readonly made: string;
  readonly sessions: number;
  readonly blobs: number;
}

interface Contents {
  readonly manifest: Manifest;
  readonly ending: Ending;
  readonly entries: readonly TarEntry[];
}

/**
 * Puts a backup back, of any earlier dedit and of any kind of database, and brings it up to date. Pictures come first, then
 * all rows in one transaction: broken off, it has changed nothing that counts.
 * @throws UserError for a file that is no whole backup, or a newer dedit's, and for a database that is in use
 */
export async function restore(path: string, into: RestoreInto): Promise<Restored> {
  const { connection, blobs, replace } = into;
  const { run } = connection;
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`cannot read ${path} (${error.code}): name a file that dedit backup wrote`);
  });
  try {
    const { manifest, ending, entries } = await contentsOf(file);
    await checkFree(connection, replace);
    for (const { name, ...at } of entries) {
      const key = BLOB.exec(name)?.[1];
      if (key) await blobs.putBack(key, await bytesOf(file, at));
    }
    const had = await sessionsIn(run);
    await run('BEGIN');
    try {
      await putAllRows(run, file, manifest, entries);
      if (ending.gone.length > 0) await run('DELETE FROM "Session" WHERE "id" = ANY($1)', [[...ending.gone]]);
      await run('COMMIT');
    } catch (error) {
      await run('ROLLBACK');
      throw error;
    }
    await migrate(run, MIGRATIONS);
    const has = await sessionsIn(run);
    for (const id of [...had, ...ending.gone]) if (!has.includes(id)) await blobs.forget(id);
    const secret = entries.find(({ name }) => name === 'secret');
    if (secret && into.secret) keepSecret(into.secret, await bytesOf(file, secret));
    return { made: manifest.made, sessions: has.length, blobs: ending.blobs };
  } finally {
    await file.close();
  }
}

/** What a backup says of itself. @throws UserError for a file that is no whole one, or a newer dedit's */
export async function inspect(path: string): Promise<Pick<Contents, 'manifest' | 'ending'>> {
  const file = await open(path);
  try {
    return await contentsOf(file);
  } finally {
    await file.close();
  }
}

async function contentsOf(file: FileHandle): Promise<Contents> {
  const entries: TarEntry[] = [];
  for await (const entry of tarEntries(file)) entries.push(entry);
  const read = async <T>(name: string): Promise<T | undefined> => {
    const entry = entries.find((one) => one.name === name);
    return entry && (JSON.parse((await bytesOf(file, entry)).toString()) as T);
  };
  const manifest = await read<Manifest>('manifest.json');
  if (!manifest) throw new UserError('the file is no backup of dedit');
  if (manifest.format > FORMAT)
    throw new UserError('the backup belongs to a newer dedit: restore it with that one');
  checkNotNewer('the backup', manifest.migrations, migrationsIn(MIGRATIONS));
  const ending = await read<Ending>('end.json');
  if (!ending) throw new UserError('the backup is cut off: take it anew, or use an earlier one');
  return { manifest, ending, entries };
}

/** @throws UserError where others are connected, or where there are sessions that nobody gave up */
async function checkFree({ run, exclusive }: Connection, replace: boolean): Promise<void> {
  if (!exclusive) {
    const { rows } = await run(
      `SELECT count(*)::int AS others FROM pg_stat_activity
       WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    if (Number(rows[0]!.others) > 0)
      throw new UserError('somebody uses this database: stop every dedit that does, then restore');
  }
  const there = await sessionsIn(run);
  if (there.length > 0 && !replace)
    throw new UserError(
      `there are ${there.length} sessions here already: restore where there are none (DATA_DIR, DATABASE_URL), or say --replace to delete them`,
    );
}

async function sessionsIn(run: RunSql): Promise<string[]> {
  if ((await tablesThere(run, ['Session'])).length === 0) return [];
  const { rows } = await run('SELECT "id" FROM "Session"');
  return rows.map(({ id }) => id as string);
}

/** Makes the tables as they were when the backup was made, and fills them. */
async function putAllRows(
  run: RunSql,
  file: FileHandle,
  { migrations, rows }: Manifest,
  entries: readonly TarEntry[],
): Promise<void> {
  const ours = madeBy(MIGRATIONS);
  await dropAll(run, ours);
  await migrateTo(run, MIGRATIONS, migrations);
  const tables = await tablesThere(run, ours.tables);
  await unordered(run, tables, async () => {
    for (const entry of entries) {
      const table = ROWS.exec(entry.name)?.[1];
      if (!table || !tables.includes(table)) continue;
      let count = 0;
      for await (const lines of linesOf(file, entry)) {
        await putRows(run, table, lines);
        count += lines.length;
      }
      if (count !== rows[table]) throw new UserError('the backup is damaged: rows are missing');
    }
  });
  await countOn(run, tables);
}

/** A file's lines, some at a time. */
async function* linesOf(file: FileHandle, { at, size }: Omit<TarEntry, 'name'>): AsyncGenerator<string[]> {
  let rest: Buffer = Buffer.alloc(0);
  for (let done = 0; done < size;) {
    const chunk = await bytesOf(file, { at: at + done, size: Math.min(CHUNK, size - done) });
    done += chunk.length;
    const all = Buffer.concat([rest, chunk]);
    const end = all.lastIndexOf('\n') + 1;
    rest = all.subarray(end);
    const lines = all.toString('utf8', 0, end).split('\n').slice(0, -1);
    if (lines.length > 0) yield lines;
  }
}

async function bytesOf(file: FileHandle, { at, size }: Omit<TarEntry, 'name'>): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await file.read(bytes, 0, size, at);
  if (bytesRead < size) throw new UserError('the backup is cut off: take it anew, or use an earlier one');
  return bytes;
}

function keepSecret(path: string, secret: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, secret, { mode: 0o600 });
}
