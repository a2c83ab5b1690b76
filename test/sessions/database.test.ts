import { type ChildProcess, fork } from 'node:child_process';
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
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dedit } from '../../src/app/dedit.js';
import { Blobs } from '../../src/sessions/blobs.js';
import { openDatabase } from '../../src/sessions/database.js';
import { expire, sweepBlobs } from '../../src/sessions/retention.js';
import { Sessions } from '../../src/sessions/sessions.js';
import { openChat, photo, RecordingPlatform } from '../support/conversation.js';
import { putDatabase } from '../support/database.js';
import { FakeEngine } from '../support/fakeEngine.js';
import { postgresBin, startPostgres } from '../support/postgres.js';

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

it('pictures whose rows are gone are swept up, those on their way are not', async () => {
  const chat = await openChat();
  await chat.upload();
  await chat.settled();
  const { sessions } = chat.dedit;
  const orphan = await sessions.blobs.put('an-orphan', 'source', Buffer.from('x'));
  expect(await sweepBlobs(sessions)).toBe(0);
  const later = new Sessions({ ...sessions, now: () => new Date(Date.now() + 2 * 3600_000) });
  expect(await sweepBlobs(later)).toBe(1);
  await expect(sessions.blobs.get(orphan)).rejects.toThrow();
  const { pictureKey } = await sessions.prisma.revision.findFirstOrThrow();
  expect((await sessions.blobs.get(pictureKey!)).length).toBeGreaterThan(0);
  await chat.close();
});

const bin = postgresBin();
if (!bin && !process.env.CI) console.warn('skipped: no Postgres server (apt-get install postgresql)');

describe.skipIf(!bin && !process.env.CI)('a Postgres server', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let dataDir: string;
  beforeAll(async () => {
    server = await startPostgres(bin!);
    dataDir = mkdtempSync(join(tmpdir(), 'dedit-shared-'));
  }, 60_000);
  afterAll(() => {
    server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const open = (engine: FakeEngine, works: boolean): Promise<Dedit> =>
    Dedit.open({
      ...{ dataDir, databaseUrl: server.url, checkpoints: ['pocket'], works },
      engine: () => engine,
    });

  it('carries the same conversation', async () => {
    const chat = await openChat({ databaseUrl: server.url, platform: new RecordingPlatform('terminal') });
    await chat.upload();
    await chat.settled();
    expect((await chat.ask('remove 2, then replace 3 with a cat')).map(({ kind }) => kind)).toEqual([
      ...['result', 'result', 'overlay'],
    ]);
    await chat.close();
  });

  it('two worker processes share the jobs: each is done once, in nearly half the time', async () => {
    const EDITS = 40;
    const EDIT_MS = 400;
    const time = async (workers: number): Promise<number> => {
      const edits = join(dataDir, `edits-${workers}`);
      const platform = new RecordingPlatform();
      const bot = await open(new FakeEngine(), false);
      await bot.serve([platform]);
      const processes = await Promise.all(Array.from({ length: workers }, () => startWorker(edits, EDIT_MS)));
      const threads = Array.from({ length: EDITS }, (_, i) => `${workers}-${i}`);
      const origin = (thread: string) => ({ platform: 'web' as const, thread, user: thread });
      const picture = await photo();
      for (const thread of threads)
        await platform.handle({ ...origin(thread), id: `u${thread}`, kind: 'upload', picture });
      for (const thread of threads) await bot.settled('web', thread);
      const start = performance.now();
      for (const thread of threads)
        await platform.handle({ ...origin(thread), id: `e${thread}`, kind: 'say', text: `make 2 ${thread}` });
      for (const thread of threads) await bot.settled('web', thread);
      const seconds = (performance.now() - start) / 1000;
      const done = readFileSync(edits, 'utf8').trim().split('\n');
      expect(done.map((line) => line.split(' ')[1]).sort()).toEqual([...threads].sort());
      expect(new Set(done.map((line) => line.split(' ')[0])).size).toBe(workers);
      for (const thread of threads)
        expect(platform.in(thread).filter(({ kind }) => kind === 'result')).toHaveLength(1);
      await Promise.all(processes.map(ended));
      await bot.close();
      return seconds;
    };
    const [one, two] = [await time(1), await time(2)];
    console.log(`one worker ${one.toFixed(1)} s, two ${two.toFixed(1)} s: ${(one / two).toFixed(2)}x`);
    expect(one / two).toBeGreaterThan(1.5);
  }, 180_000);

  const startWorker = async (edits: string, editMs: number): Promise<ChildProcess> => {
    const args = [server.url, dataDir, edits, String(editMs)];
    const worker = fork('test/support/workerProcess.mjs', args);
    await once(worker, 'message');
    return worker;
  };

  const ended = async (worker: ChildProcess): Promise<void> => {
    const exit = once(worker, 'exit');
    worker.kill('SIGTERM');
    await exit;
  };

  it('a worker elsewhere tells how far it is, also after the server was away, and its results at once', async () => {
    const platform = new RecordingPlatform();
    const updates: string[] = [];
    platform.update = async (_thread, _message, { text }) => void updates.push(text);
    const bot = await open(new FakeEngine(), false);
    await bot.serve([platform]);
    const worker = await open(new FakeEngine({ editMs: 6000 }), true);
    await worker.worker.start();
    const origin = { platform: 'web' as const, thread: 'far', user: 'ann' };
    await platform.handle({ ...origin, id: 'far-u', kind: 'upload', picture: await photo() });
    await bot.settled('web', 'far');
    server.restart();
    await sleep(2500);
    await expect
      .poll(
        async () => {
          try {
            await platform.handle({ ...origin, id: 'far-e', kind: 'say', text: 'remove 2' });
            return 'stored';
          } catch (error) {
            return String(error);
          }
        },
        { timeout: 20_000 },
      )
      .toBe('stored');
    await bot.settled('web', 'far');
    await expect.poll(() => updates.at(-1)).toMatch(/^Editing: done in \d+ s$/);
    expect(platform.in('far').at(-1)!.kind).toBe('overlay');
    await worker.close();
    await bot.close();
  }, 60_000);

  it('may be restarted in the middle of a job', async () => {
    const chat = await openChat({
      databaseUrl: server.url,
      fake: new FakeEngine({ editMs: 1500 }),
      platform: new RecordingPlatform('slack'),
    });
    await chat.upload();
    await chat.settled();
    await chat.say('remove 2');
    await expect.poll(() => (chat.engine as FakeEngine).running, { timeout: 5000 }).toBe(1);
    server.restart();
    await expect
      .poll(() => chat.platform.in('t').filter(({ kind }) => kind === 'result').length, {
        timeout: 60_000,
        interval: 500,
      })
      .toBe(1);
    await chat.close().catch(() => {});
  }, 90_000);
});
