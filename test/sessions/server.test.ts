import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Dedit } from '../../src/app/dedit.js';
import type { Claim } from '../../src/sessions/tasks.js';
import { openDatabase } from '../../src/sessions/database.js';
import { Wire } from '../../src/sessions/wire.js';
import { Worker } from '../../src/sessions/worker.js';
import { Proxy } from '../chaos/proxy.js';
import { openChat, photo, RecordingPlatform } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';
import { postgresBin, startPostgres } from '../support/postgres.js';

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

  it('two worker processes share the jobs: each is done once, and both are at it at the same time', async () => {
    const WORKERS = 2;
    const edits = join(dataDir, 'edits');
    const platform = new RecordingPlatform();
    const bot = await open(new FakeEngine(), false);
    await bot.serve([platform]);
    const processes = await Promise.all(Array.from({ length: WORKERS }, () => startWorker(edits, WORKERS)));
    const threads = Array.from({ length: 8 }, (_, i) => `shared-${i}`);
    const origin = (thread: string) => ({ platform: 'web' as const, thread, user: thread });
    const picture = await photo();
    for (const thread of threads)
      await platform.handle({ ...origin(thread), id: `u${thread}`, kind: 'upload', picture });
    for (const thread of threads) await bot.settled('web', thread);
    for (const thread of threads)
      await platform.handle({ ...origin(thread), id: `e${thread}`, kind: 'say', text: `make 2 ${thread}` });
    // no edit ends before as many processes as there are have begun one: one after the other they would wait for ever
    for (const thread of threads) await bot.settled('web', thread);
    const done = readFileSync(edits, 'utf8').trim().split('\n');
    expect(done.map((line) => line.split(' ')[1]).sort()).toEqual([...threads].sort());
    expect(new Set(done.map((line) => line.split(' ')[0])).size).toBe(WORKERS);
    for (const thread of threads)
      expect(platform.in(thread).filter(({ kind }) => kind === 'result')).toHaveLength(1);
    await Promise.all(processes.map(ended));
    await bot.close();
  }, 60_000);

  const startWorker = async (edits: string, together: number): Promise<ChildProcess> => {
    const args = [server.url, dataDir, edits, String(together)];
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

  it('a worker whose clock is hours ahead takes nothing over from one that lives, and does what is gone', async () => {
    const engine = new FakeEngine({ editMs: 60_000 });
    const chat = await openChat({
      databaseUrl: server.url,
      fake: engine,
      platform: new RecordingPlatform('discord'),
    });
    await chat.upload('skewed');
    await chat.settled('skewed');
    await chat.say('make 2 red', { thread: 'skewed' });
    await expect.poll(() => engine.running, { timeout: 10_000 }).toBe(1);
    const { sessions } = chat.dedit;
    const running = () =>
      sessions.prisma.task.findFirstOrThrow({
        where: { kind: 'edit', session: { thread: 'skewed' } },
      });
    for (const hours of [3, -3]) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + hours * 3600_000 });
      try {
        await new Worker({ sessions, engine: () => engine }).takeOver();
        expect(await running()).toMatchObject({ status: 'RUNNING', attempts: 1 });
        // its own heartbeats count as the database's clock says, too
        expect(await sessions.tasks.beat({ ...(await running()) } as Claim)).toBe(true);
      } finally {
        vi.useRealTimers();
      }
    }
    const { id } = await running();
    await chat.dedit.worker.stop();
    await sessions.prisma.$executeRaw`UPDATE "Task" SET "status" = 'RUNNING', "attempts" = 1,
      "heartbeatAt" = timezone('UTC', clock_timestamp()) - interval '31 s' WHERE "id" = ${id}`;
    await new Worker({ sessions, engine: () => engine }).takeOver();
    expect(await running()).toMatchObject({ status: 'PENDING' });
    await sessions.prisma.task.deleteMany({ where: { id } });
    await chat.close();
  });

  it('that fails in the middle of a transaction leaves nothing of it; told again, the words are done once', async () => {
    const chat = await openChat({ databaseUrl: server.url, platform: new RecordingPlatform('slack') });
    const { prisma } = chat.dedit.sessions;
    await chat.upload('over');
    await chat.settled('over');
    const { id } = await prisma.session.findFirstOrThrow({ where: { thread: 'over' } });
    const words = {
      ...{ id: 'failover', platform: 'slack' as const, thread: 'over', user: 'ann' },
      ...{ kind: 'say' as const, text: 'remove 2' },
    };
    // the transaction has its event's row, and waits for the session's
    const held = new pg.Client({ connectionString: server.url });
    held.on('error', () => {});
    await held.connect();
    await held.query('BEGIN');
    await held.query('LOCK TABLE "Revision" IN ACCESS EXCLUSIVE MODE');
    const told = chat.send(words).then(
      () => 'taken',
      () => 'refused',
    );
    await expect
      .poll(async () => {
        const { rows } = await held.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND relation = '"Revision"'::regclass`,
        );
        return rows[0]!.n;
      })
      .toBeGreaterThan(0);
    server.restart();
    expect(await told).toBe('refused');
    await expect.poll(() => chat.send(words).then(() => 'taken', String), { timeout: 20_000 }).toBe('taken');
    await chat.send(words);
    await chat.settled('over');
    expect(await prisma.revision.count({ where: { sessionId: id, number: { gt: 0 } } })).toBe(1);
    expect(chat.platform.in('over').filter(({ kind }) => kind === 'result')).toHaveLength(1);
    await chat.close().catch(() => {});
  }, 60_000);

  it('whose connections a router forgot is asked anew: neither what asks nor what listens waits for ever', async () => {
    const proxy = await Proxy.open(Number(new URL(server.url).port));
    const url = server.url.replace(/:\d+\//, `:${proxy.port}/`);
    const { prisma, close } = await openDatabase({ url, silence: 1000 });
    const [wire, other] = [await Wire.open(url, 300), await Wire.open(server.url)];
    const forgotten = prisma.$transaction(async (tx) => {
      await tx.session.count();
      proxy.set('lost');
      await tx.session.count();
    });
    await expect(forgotten).rejects.toThrow();
    proxy.set('open');
    await expect.poll(() => prisma.session.count().then(Number.isInteger, () => false)).toBe(true);
    const told = new Promise((resolve) => wire.once('told', resolve));
    const telling = setInterval(() => other.tellTold('s', 'edit'), 200);
    expect(await told).toBe('s');
    clearInterval(telling);
    await Promise.all([wire.close(), other.close(), close()]);
    await proxy.close();
  }, 30_000);

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
