import { existsSync, mkdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { UserError } from '../engine/errors.js';
import { DurableFolder, syncFolder } from './durableFolder.js';
import { lastSnapshot, putBack } from './snapshot.js';

/** PGlite's own parameters but for -F, which turns fsync off; of Postgres' ways to sync a log, PGlite knows fsync alone. */
const DURABLE = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  '-c',
  'wal_sync_method=fsync',
];

export interface Opened {
  readonly pglite: PGlite;
  /** One sentence, when the files could not be read and the last snapshot took their place. */
  readonly recovered?: string;
}

/** Where the database's files lie in a folder of ours. */
export const filesIn = (dir: string): string => join(dir, 'pg');

/**
 * Opens the database of a folder, or makes one. What it acknowledges is on the disk. Where its files cannot be read, it goes
 * back to the last snapshot and says so.
 * @param sync false: nothing waits for the disk
 * @throws UserError when they cannot be read and there is no snapshot; ENOSPC when the disk is full
 */
export async function openFolder(dir: string, sync: boolean): Promise<Opened> {
  const live = filesIn(dir);
  requireRoom(dir);
  if (!existsSync(live)) await makeAt(live, sync);
  try {
    return { pglite: await openAt(live, sync) };
  } catch (error) {
    const why = String((error as Error | undefined)?.message ?? error)
      .split('\n')[0]!
      .slice(0, 200);
    const last = lastSnapshot(dir);
    if (!last)
      throw new UserError(
        `the database in ${dir} cannot be read (${why}), and has no snapshot yet: bring back a backup, or move that folder away to begin anew`,
      );
    const broken = join(dir, `pg.broken-${new Date().toISOString().replace(/[:.]/g, '-')}`);
    renameSync(live, broken);
    putBack(last, live);
    const recovered = `the database's files could not be read (${why}): it is as it was at ${last.at}, what was said after that is lost, and the unreadable files are kept in ${broken}`;
    return { pglite: await openAt(live, sync), recovered };
  }
}

/** Bytes that Postgres must have to start: files that are whole fail to open without, and are not to count as spoilt. */
const START = 32 * 2 ** 20;

function requireRoom(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  if (bavail * bsize < START) throw Object.assign(new Error('no room'), { code: 'ENOSPC', path: dir });
}

/** A new database. Made aside, so that one that is half made is never taken for one; with a folder of its own PGlite would make it twice. */
async function makeAt(path: string, sync: boolean): Promise<void> {
  const aside = `${path}.new`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  await (await PGlite.create(aside)).close();
  renameSync(aside, path);
  if (sync) syncFolder(dirname(path));
}

async function openAt(path: string, sync: boolean): Promise<PGlite> {
  const folder = new DurableFolder(path);
  const pglite = sync ? await PGlite.create({ fs: folder, startParams: DURABLE }) : await PGlite.create(path);
  await readAll(pglite);
  folder.onStopped = end;
  return pglite;
}

/** Whoever watches over this process starts another one; what was acknowledged is on the disk. */
function end(): never {
  process.stderr.write(
    'dedit: the database has stopped in the middle of a write, perhaps for want of room on the disk: make room and start again; nothing acknowledged is lost\n',
  );
  process.exit(1);
}

/** Reads every row: a page that cannot be read is found at the start, and not in the middle of a conversation. */
async function readAll(pglite: PGlite): Promise<void> {
  const { rows } = await pglite.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  for (const { name } of rows) await pglite.query(`SELECT count(t.*) FROM ${name} t`);
}
