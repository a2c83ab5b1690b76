/** A backup is taken from whoever runs, put back anywhere, and brought up to date. */
import {
  copyFileSync,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetSession } from '../../src/sessions/retention.js';
import { backup } from '../../src/sessions/backup/backup.js';
import { inspect, restore } from '../../src/sessions/backup/restore.js';
import { tarEntries, tarHeader } from '../../src/sessions/backup/tar.js';
import { Blobs } from '../../src/sessions/blobs.js';
import { connect, type Connection } from '../../src/sessions/database.js';
import { askHolder } from '../../src/sessions/folderLock.js';
import { FIXTURES } from '../fixtures.js';
import { openChat } from '../support/conversation.js';
import { postgresBin, startPostgres } from '../support/postgres.js';

const FIXTURE = join(FIXTURES, 'backup', 'first.tar');

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'dedit-backup-test-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }), 60_000);

const blobsIn = (dataDir: string) => Blobs.inFolder(join(dataDir, 'blobs'));

/** @param to a connection that stays open; else the embedded database of the data folder */
async function putBack(
  file: string,
  dataDir: string,
  { to, replace = false }: { to?: Connection; replace?: boolean } = {},
) {
  const connection = to ?? (await connect({ dir: join(dataDir, 'database') }));
  const secret = join(dataDir, 'secret');
  try {
    return await restore(file, { connection, blobs: blobsIn(dataDir), secret, replace });
  } finally {
    if (!to) await connection.close();
  }
}

const take = (file: string, dataDir: string, from: Connection): Promise<void> =>
  pipeline(
    backup({ database: from, blobs: blobsIn(dataDir), secret: join(dataDir, 'secret') }),
    createWriteStream(file),
  );

/** The rows of a backup that is as new as this dedit, whatever the order in which the database gave them. */
async function rowsIn(path: string): Promise<Record<string, string[]>> {
  const file = await open(path);
  const rows: Record<string, string[]> = {};
  for await (const { name, size, at } of tarEntries(file)) {
    if (!name.startsWith('rows/')) continue;
    const { buffer } = await file.read(Buffer.alloc(size), 0, size, at);
    rows[name] = buffer.toString().split('\n').sort();
  }
  await file.close();
  return rows;
}

describe('a dedit that runs', () => {
  it('is asked for its backup; what is put back elsewhere goes on as if nothing had been', async () => {
    const chat = await openChat();
    await chat.upload();
    await chat.upload('other', 'bob');
    await chat.settled();
    await chat.settled('other');
    await chat.ask('remove 2');
    await chat.settled();
    const blobs = readdirSync(join(chat.dataDir, 'blobs'), { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile(),
    ).length;
    writeFileSync(join(chat.dataDir, 'secret'), 'a secret');
    const database = join(chat.dataDir, 'database');
    const file = join(dir, 'running.tar');
    await pipeline((await askHolder(database, 'backup'))!, createWriteStream(file));
    // it runs on meanwhile, and answers nothing else
    const refused = (await askHolder(database, 'delete everything'))!;
    await expect(pipeline(refused, createWriteStream(join(dir, 'nothing')))).resolves.toBeUndefined();
    expect(statSync(join(dir, 'nothing')).size).toBe(0);
    expect((await chat.ask('make 1 red'))[0]!.kind).toBe('result');
    const history = await chat.dedit.sessions.prisma.revision.findMany({ orderBy: { createdAt: 'asc' } });
    await chat.close();

    const { manifest, ending } = await inspect(file);
    expect(manifest.rows).toMatchObject({ Session: 2, Revision: 3 });
    expect(ending).toEqual({ blobs, gone: [] });
    const elsewhere = join(dir, 'elsewhere');
    expect(await putBack(file, elsewhere)).toMatchObject({ sessions: 2, blobs });
    expect(readFileSync(join(elsewhere, 'secret'), 'utf8')).toBe('a secret');
    const again = await openChat({ dataDir: elsewhere });
    const restored = await again.dedit.sessions.prisma.revision.findMany({ orderBy: { createdAt: 'asc' } });
    expect(restored).toEqual(history.slice(0, 3));
    const told = await again.ask('undo, then make 1 blue');
    expect(told.map(({ kind }) => kind)).toEqual(['overlay', 'result']);
    await again.close();

    // what is there is not lost for a slip
    await expect(putBack(file, elsewhere)).rejects.toThrow(/2 sessions here already.* say --replace/);
    expect(await putBack(FIXTURE, elsewhere, { replace: true })).toMatchObject({ sessions: 1 });
    expect(readdirSync(join(elsewhere, 'blobs', 'sessions'))).toHaveLength(1);
  });
});

describe('what was forgotten while a backup was made', () => {
  it('does not come back with it', async () => {
    const chat = await openChat();
    await chat.upload();
    await chat.upload('other', 'bob');
    await chat.settled();
    await chat.settled('other');
    const { sessions } = chat.dedit;
    const mine = (await sessions.views.inThread('web', 't'))!;
    const blobs = Object.create(sessions.blobs) as Blobs;
    blobs.keysOf = async (session) => {
      const keys = await sessions.blobs.keysOf(session);
      if (session === mine.id) await forgetSession(sessions, mine);
      return keys;
    };
    const file = join(dir, 'forgotten.tar');
    await pipeline(backup({ database: sessions.database, blobs }), createWriteStream(file));
    await chat.close();
    expect((await inspect(file)).ending.gone).toEqual([mine.id]);
    const dataDir = join(dir, 'forgotten');
    expect(await putBack(file, dataDir)).toMatchObject({ sessions: 1 });
    expect(existsSync(join(dataDir, 'blobs', 'sessions', mine.id))).toBe(false);
  });
});

describe('files that are no backup', () => {
  it('are refused in words, and nothing is touched', async () => {
    const to = await connect({});
    const refused = (file: string) => putBack(file, join(dir, 'refused'), { to });
    await expect(refused(join(dir, 'nowhere.tar'))).rejects.toThrow(/cannot read/);
    await expect(refused(join(FIXTURES, 'database', 'ee29d69.sql'))).rejects.toThrow(/no backup of dedit/);
    const short = join(dir, 'short.tar');
    for (const length of [statSync(FIXTURE).size - 4096, 3000, 700]) {
      copyFileSync(FIXTURE, short);
      truncateSync(short, length);
      await expect(refused(short)).rejects.toThrow(/cut off/);
    }
    const newer = join(dir, 'newer.tar');
    for (const [manifest, words] of [
      [{ format: 9, migrations: [] }, /a newer dedit: restore it with that one/],
      [{ format: 1, migrations: ['29990101000000_wonders'] }, /newer dedit \(29990101000000_wonders\)/],
    ] as const) {
      const bytes = Buffer.alloc(512);
      bytes.write(JSON.stringify(manifest).padEnd(512));
      writeFileSync(newer, Buffer.concat([tarHeader('manifest.json', 512, 0), bytes, Buffer.alloc(1024)]));
      await expect(refused(newer)).rejects.toThrow(words);
    }
    expect(existsSync(join(dir, 'refused', 'blobs'))).toBe(false);
    await to.close();
  });
});

describe('backups of earlier days', () => {
  it.runIf(process.env.DEDIT_BACKUP_FIXTURE)('is how the fixture was made', async () => {
    const chat = await openChat({ dataDir: join(dir, 'made') });
    await chat.upload();
    await chat.settled();
    await chat.ask('remove 2');
    await chat.close();
    const made = await connect({ dir: join(chat.dataDir, 'database') });
    await take(process.env.DEDIT_BACKUP_FIXTURE!, chat.dataDir, made);
    await made.close();
  });

  it('the first one that was committed is put back, and its thread goes on', async () => {
    const dataDir = join(dir, 'first');
    expect(await putBack(FIXTURE, dataDir)).toMatchObject({ sessions: 1 });
    const chat = await openChat({ dataDir });
    await chat.settled();
    expect((await chat.ask('history'))[0]!.text).toContain('1: remove 2');
    expect((await chat.ask('make 1 blue'))[0]!.kind).toBe('result');
    await chat.close();
  });

  it('one of a database of commit ee29d69 is brought up to date', async () => {
    const old = await connect({});
    await old.run(readFileSync(join(FIXTURES, 'database', 'ee29d69.sql'), 'utf8'));
    await old.run("SELECT set_config('search_path', 'public', false)"); // the dump leaves it empty
    const file = join(dir, 'old.tar');
    await take(file, join(dir, 'old'), old);
    await old.close();
    expect((await inspect(file)).manifest.migrations).toEqual(['20261124000000_init']);
    const to = await connect({});
    await putBack(file, join(dir, 'new'), { to });
    const { rows } = await to.run(
      `SELECT t."kind", t."status" FROM "Task" t JOIN "Session" s ON s."id" = t."sessionId" WHERE s."thread" = 'waiting'`,
    );
    expect(rows.length).toBeGreaterThan(3);
    await to.close();
  });
});

const bin = postgresBin();
describe.skipIf(!bin && !process.env.CI)('a Postgres server', () => {
  it('gives and takes the same backups as the embedded database', async () => {
    const server = await startPostgres(bin!);
    try {
      const dataDir = join(dir, 'server');
      const [to, other] = [await connect({ url: server.url }), await connect({ url: server.url })];
      await expect(putBack(FIXTURE, dataDir, { to })).rejects.toThrow(/stop every dedit/);
      await other.close();
      await expect
        .poll(() => putBack(FIXTURE, dataDir, { to, replace: true }))
        .toMatchObject({ sessions: 1 });
      const file = join(dir, 'server.tar');
      await take(file, dataDir, to);
      await to.close();
      const rows = await rowsIn(file);
      expect(rows['rows/Session.jsonl']!.join('')).toContain('"thread":"t"');
      const memory = await connect({});
      await putBack(file, dataDir, { to: memory });
      await take(file, dataDir, memory);
      await memory.close();
      expect(await rowsIn(file)).toEqual(rows);
    } finally {
      server.stop();
    }
  });
});
