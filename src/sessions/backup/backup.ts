import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { UserError } from '../../engine/errors.js';
import type { Blobs } from '../blobs.js';
import { type Connection, MIGRATIONS } from '../database.js';
import { appliedMigrations, checkNotNewer, madeBy, migrationsIn, type RunSql } from '../migrate.js';
import { rowsOf, tablesThere } from './rows.js';
import { TAR_END, tarHeader, tarPadding } from './tar.js';

/** A number that says how files lie in a backup; what rows look like, the migrations say. */
export const FORMAT = 1;
/** Bytes of a file that are held at once. */
const CHUNK = 2 ** 20;

/** The first file of a backup. */
export interface Manifest {
  readonly format: number;
  readonly made: string;
  /** What had been applied to the database that the rows are of. */
  readonly migrations: readonly string[];
  /** How many rows each table has. */
  readonly rows: Readonly<Record<string, number>>;
}

/** The last file: a backup without it broke off. */
export interface Ending {
  readonly blobs: number;
  /** Sessions that were forgotten while the backup was made: what it has of them is not to come back. */
  readonly gone: readonly string[];
}

export interface BackedUp {
  readonly database: Pick<Connection, 'snapshot'>;
  readonly blobs: Blobs;
  /** The file of the secret that signs visitors' cookies and links, where there is one. */
  readonly secret?: string | undefined;
}

interface Rows {
  readonly manifest: Manifest;
  /** Files of lines, in a folder that is the caller's to delete. */
  readonly files: ReadonlyMap<string, string>;
  readonly sessions: readonly string[];
}

/**
 * A tar file of everything there is, while others go on using it: the rows of one moment first, then the pictures that they
 * name, which never change.
 * @throws UserError when the database is a newer dedit's
 */
export async function* backup({ database, blobs, secret }: BackedUp): AsyncGenerator<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'dedit-backup-'));
  try {
    const { manifest, files, sessions } = await database.snapshot((run) => readRows(run, folder));
    const seconds = Date.parse(manifest.made) / 1000;
    yield* entry('manifest.json', json(manifest), seconds);
    if (secret && existsSync(secret)) yield* entry('secret', readFileSync(secret), seconds);
    for (const [table, path] of files) yield* fileEntry(`rows/${table}.jsonl`, path, seconds);
    let count = 0;
    for (const session of sessions)
      for (const key of await blobs.keysOf(session)) {
        const bytes = await blobs.get(key).catch(() => undefined); // forgotten just now: `gone` tells
        if (!bytes) continue;
        yield* entry(`blobs/${key}`, bytes, seconds);
        count++;
      }
    const left = new Set(await database.snapshot(sessionIds));
    const ending: Ending = { blobs: count, gone: sessions.filter((id) => !left.has(id)) };
    yield* entry('end.json', json(ending), seconds);
    yield TAR_END;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows go to files first: a transaction waits for no reader. */
async function readRows(run: RunSql, folder: string): Promise<Rows> {
  const migrations = await appliedMigrations(run);
  checkNotNewer('this database', migrations, migrationsIn(MIGRATIONS));
  const files = new Map<string, string>();
  const rows: Record<string, number> = {};
  for (const table of await tablesThere(run, madeBy(MIGRATIONS).tables)) {
    const path = join(folder, table);
    files.set(table, path);
    rows[table] = await writeLines(path, rowsOf(run, table));
  }
  if (!files.has('Session'))
    throw new UserError('there is nothing to back up: no dedit has used this database yet');
  const manifest = { format: FORMAT, made: new Date().toISOString(), migrations, rows };
  return { manifest, files, sessions: await sessionIds(run) };
}

async function sessionIds(run: RunSql): Promise<string[]> {
  const { rows } = await run('SELECT "id" FROM "Session" ORDER BY "id"');
  return rows.map(({ id }) => id as string);
}

/** @returns how many lines there were */
async function writeLines(path: string, batches: AsyncIterable<readonly string[]>): Promise<number> {
  const file = createWriteStream(path, { mode: 0o600 });
  let count = 0;
  for await (const lines of batches) {
    count += lines.length;
    if (!file.write(lines.map((line) => `${line}\n`).join(''))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return count;
}

function* entry(name: string, bytes: Uint8Array, seconds: number): Generator<Uint8Array> {
  yield tarHeader(name, bytes.byteLength, seconds);
  yield bytes;
  yield tarPadding(bytes.byteLength);
}

async function* fileEntry(name: string, path: string, seconds: number): AsyncGenerator<Uint8Array> {
  const { size } = statSync(path);
  yield tarHeader(name, size, seconds);
  const file = await open(path);
  try {
    for (let at = 0; at < size; at += CHUNK) {
      const length = Math.min(CHUNK, size - at);
      yield (await file.read(Buffer.alloc(length), 0, length, at)).buffer;
    }
  } finally {
    await file.close();
  }
  yield tarPadding(size);
}

const json = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
