import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Blobs } from '../../src/sessions/blobs.js';
import { openDatabase } from '../../src/sessions/database.js';
import { expire, rewrite, sweepBlobs } from '../../src/sessions/retention.js';
import { Sessions } from '../../src/sessions/sessions.js';
import { openChat } from '../support/conversation.js';
import { putDatabase } from '../support/database.js';

const MIGRATIONS = readdirSync('prisma/migrations').filter((name) => /^\d/.test(name));

describe('the embedded database', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'dedit-database-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is migrated once, as Prisma Migrate would have done it, and kept', async () => {
    const first = await openDatabase({ dir });
    await first.prisma.session.create({
      data: { platform: 'web', thread: 't', owner: 'a', checkpoint: 'pocket' },
    });
    await first.close();
    const second = await openDatabase({ dir });
    expect(await second.prisma.session.count()).toBe(1);
    const rows = await second.prisma
      .$queryRaw`SELECT migration_name, checksum, applied_steps_count FROM "_prisma_migrations"`;
    const checksum = (name: string) =>
      createHash('sha256')
        .update(readFileSync(`prisma/migrations/${name}/migration.sql`))
        .digest('hex');
    expect(rows).toEqual(
      MIGRATIONS.map((name) => ({
        ...{ migration_name: name, checksum: checksum(name), applied_steps_count: 1 },
      })),
    );
    await second.close();
  });

  it('is refused to a second process, with what to do; the lock of a dead one is taken over', async () => {
    const locked = join(dir, 'locked');
    await putDatabase(locked);
    const first = await openDatabase({ dir: join(locked, 'database') });
    // the same process id says nothing: in two containers both are 1
    const held = new RegExp(`process ${process.pid} is using this data folder: stop it`);
    await expect(openDatabase({ dir: join(locked, 'database') })).rejects.toThrow(held);
    await first.close();

    const other = fork('test/support/lockHolder.mjs', [join(locked, 'database')]);
    await once(other, 'message');
    await expect(openDatabase({ dir: join(locked, 'database') })).rejects.toThrow(`process ${other.pid} is`);
    const ended = once(other, 'exit');
    other.kill('SIGKILL');
    await ended;
    // a file of an older version, with the id of a process that lives and is none of ours
    rmSync(join(locked, 'database', 'lock'));
    writeFileSync(join(locked, 'database', 'lock'), '1');
    await (await openDatabase({ dir: join(locked, 'database') })).close();
  });

  it('that a newer dedit was at is refused, with what to do', async () => {
    const data = join(dir, 'newer');
    await putDatabase(data);
    const database = await openDatabase({ dir: join(data, 'database') });
    await database.prisma
      .$executeRaw`INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name)
      VALUES ('1', '', now(), '29990101000000_telepathy')`;
    await database.close();
    await expect(openDatabase({ dir: join(data, 'database') })).rejects.toThrow(
      'belongs to a newer dedit (29990101000000_telepathy): start that one',
    );
  });

  it("takes others' rights from a folder that was wide open", async () => {
    const data = join(dir, 'open');
    await putDatabase(data);
    chmodSync(join(data, 'database'), 0o777);
    await (await openDatabase({ dir: join(data, 'database') })).close();
    expect(statSync(join(data, 'database')).mode & 0o777).toBe(0o700);
    // the whole data folder, and the pictures in it, when dedit starts
    mkdirSync(join(data, 'blobs'));
    for (const path of [data, join(data, 'blobs')]) chmodSync(path, 0o777);
    const blobs = await Blobs.of({ DATA_DIR: data, S3_REGION: '' });
    await (await openChat({ dataDir: data, blobs })).close();
    for (const path of [data, join(data, 'blobs')]) expect(statSync(path).mode & 0o777, path).toBe(0o700);
  });

  it('a server that does not answer is one clear line', async () => {
    await expect(openDatabase({ url: 'postgresql://nobody@127.0.0.1:1/x' })).rejects.toThrow(
      /cannot reach the database of DATABASE_URL \(ECONNREFUSED\)/,
    );
  });
});

it('what nobody used for long is deleted, and everything of a person when they ask', async () => {
  const chat = await openChat();
  for (const [thread, user] of [
    ['a', 'ann'],
    ['b', 'bob'],
    ['c', 'bob'],
    ['d', 'eve'],
  ] as const) {
    await chat.upload(thread, user);
    await chat.settled(thread);
  }
  const { sessions } = chat.dedit;
  const long = new Date(Date.now() - 40 * 24 * 3600_000);
  await sessions.prisma.session.updateMany({ where: { thread: 'a' }, data: { usedAt: long } });
  expect(await expire(sessions, 0)).toBe(0);
  expect(await expire(sessions, 30)).toBe(1);
  const { pictureKey } = await sessions.prisma.revision.findFirstOrThrow({
    where: { session: { thread: 'c' } },
  });
  await chat.say('forget me', { thread: 'b', user: 'bob' });
  await expect(sessions.blobs.get(pictureKey!)).rejects.toThrow();
  expect(chat.platform.in('b').at(-1)!.text).toContain('every picture and thread you began');
  expect((await sessions.prisma.session.findMany()).map(({ thread }) => thread)).toEqual(['d']);
  expect((await sessions.prisma.usage.findMany()).map(({ user }) => user)).not.toContain('bob');
  await chat.close();
});

it('what was forgotten is in no file of the database once it was rewritten, the log included', async () => {
  const chat = await openChat();
  await chat.upload();
  await chat.settled();
  const said = 'zyzzyva';
  const { sessions } = chat.dedit;
  const files = () =>
    readdirSync(join(chat.dataDir, 'database'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => readFileSync(path).includes(said));
  await chat.ask(`replace 2 with a ${said}`);
  await sessions.prisma.$executeRawUnsafe('CHECKPOINT');
  await chat.say('forget');
  expect(files().length).toBeGreaterThan(1); // deleted, and still in the pages of a table and in the log
  await rewrite(sessions);
  expect(files()).toEqual([]);
  await chat.upload('after');
  await chat.settled('after');
  await chat.close();
});

it('pictures whose rows are gone are swept up, those on their way are not', async () => {
  const chat = await openChat();
  await chat.upload();
  await chat.settled();
  const { sessions } = chat.dedit;
  const orphan = await sessions.blobs.put('an-orphan', 'source', Buffer.from('x'));
  // what a worker stored that was killed before it could write the row
  const { id } = await sessions.prisma.session.findFirstOrThrow();
  const nameless = await sessions.blobs.put(id, 'picture.png', Buffer.from('x'));
  const others = (await sessions.blobs.keysOf(id)).filter((key) => key !== nameless).sort();
  expect(await sweepBlobs(sessions)).toBe(0);
  const later = new Sessions({ ...sessions, now: () => new Date(Date.now() + 2 * 3600_000) });
  expect(await sweepBlobs(later)).toBe(2);
  await expect(sessions.blobs.get(orphan)).rejects.toThrow();
  expect((await sessions.blobs.keysOf(id)).sort()).toEqual(others);
  const { pictureKey } = await sessions.prisma.revision.findFirstOrThrow();
  expect((await sessions.blobs.get(pictureKey!)).length).toBeGreaterThan(0);
  await chat.close();
});
