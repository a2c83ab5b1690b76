import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dedit } from '../../src/app/dedit.js';
import type { ChatEvent } from '../../src/bot/platform.js';
import { photo, RecordingPlatform } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';
import { postgresBin, startPostgres } from '../support/postgres.js';
import { quantile, turns } from './figures.js';

/** By `npm run load`, not in CI; test/sessions/load.test.ts is its short form. */
const WHOLE = process.env.DEDIT_LOAD === 'whole';
const EDITS = Number(process.env.DEDIT_LOAD_EDITS ?? 10_000);
const REAL_EDITS = Number(process.env.DEDIT_LOAD_REAL_EDITS ?? 100);
const [THREADS, PEOPLE, WORKERS] = [500, 50, 4];
/** What a worker's fake engine takes for an edit, in ms. */
const EDIT_MS = 20;
/** So many edits of theirs may wait before a person waits for one of them, and only then asks for more. */
const PATIENCE = 4;
const LIMIT = 60 * 60_000;

const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024);

describe.skipIf(!WHOLE)('load', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let dir: string;
  beforeAll(async () => {
    server = await startPostgres(postgresBin()!);
    dir = mkdtempSync(join(tmpdir(), 'dedit-load-'));
  }, 60_000);
  afterAll(() => {
    server?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** The process that people talk to, and how long each word of theirs took to be acknowledged. */
  async function listen() {
    const platform = new RecordingPlatform();
    const results = new Map<string, number>();
    platform.post = async (thread, { kind }, key) => {
      if (kind === 'result') results.set(thread, (results.get(thread) ?? 0) + 1);
      return key;
    };
    const bot = await Dedit.open({
      ...{ dataDir: dir, databaseUrl: server.url, checkpoints: ['pocket'], works: false, learn: 'lazy' },
      engine: () => new FakeEngine(),
    });
    await bot.serve([platform]);
    const acknowledged: number[] = [];
    const tell = async (event: ChatEvent): Promise<void> => {
      const start = performance.now();
      await platform.handle(event);
      acknowledged.push(performance.now() - start);
    };
    return { bot, acknowledged, tell, results };
  }

  /** All edits that are done, as the database has them. */
  async function done(bot: Dedit, prefix: string) {
    const where = { number: { gt: 0 }, doneAt: { not: null }, session: { thread: { startsWith: prefix } } };
    const rows = await bot.sessions.prisma.revision.findMany({ where });
    return rows.map((row) => ({ user: row.user, at: row.createdAt.getTime(), done: row.doneAt!.getTime() }));
  }

  function report(edits: Awaited<ReturnType<typeof done>>, acknowledged: number[], what: string): void {
    const ms = (share: number): string => `${quantile(acknowledged, share).toFixed(0)} ms`;
    const seconds = (Math.max(...edits.map((e) => e.done)) - Math.min(...edits.map((e) => e.at))) / 1000;
    const found = turns(edits, edits.length / seconds);
    const longest = found.reduce((a, b) => (a.waited > b.waited ? a : b));
    const ratio = Math.max(...found.filter((t) => t.waited > 1000).map((t) => t.waited / t.fair), 0);
    console.log(
      `${what}: ${edits.length} edits in ${seconds.toFixed(0)} s, ${(edits.length / seconds).toFixed(1)} a second; ` +
        `acknowledged: median ${ms(0.5)}, p99 ${ms(0.99)}; longest wait ${(longest.waited / 1000).toFixed(1)} s, ` +
        `in its fair turn ${(longest.fair / 1000).toFixed(1)} s; of waits above a second at most ${ratio.toFixed(2)} fair turns`,
    );
  }

  it(
    `${PEOPLE} people in ${THREADS} threads, ${WORKERS} workers, ${EDITS} edits`,
    async () => {
      const edits = join(dir, 'edits');
      const { bot, acknowledged, tell, results } = await listen();
      const workers: ChildProcess[] = [];
      for (let i = 0; i < WORKERS; i++) {
        const worker = fork('test/support/workerProcess.mjs', [server.url, dir, edits, String(EDIT_MS)]);
        await once(worker, 'message');
        workers.push(worker);
      }
      const picture = await photo();
      const origin = (i: number) => ({
        ...{ platform: 'web' as const, thread: `fake-${i}`, user: `p${i % PEOPLE}` },
      });
      await Promise.all(
        Array.from({ length: PEOPLE }, async (_, person) => {
          for (let i = person; i < THREADS; i += PEOPLE)
            await tell({ ...origin(i), id: `u${i}`, kind: 'upload', picture });
        }),
      );
      for (let i = 0; i < THREADS; i++) await bot.settled('web', `fake-${i}`);
      acknowledged.length = 0;
      let said = 0;
      const memory: string[] = [];
      const finished = (): number =>
        existsSync(edits) ? readFileSync(edits, 'utf8').split('\n').length - 1 : 0;
      let quarter = 1;
      const watch = setInterval(() => {
        if (finished() < (quarter * EDITS) / 4) return;
        quarter++;
        memory.push([process.pid, ...workers.map(({ pid }) => pid!)].map(residentMb).join('/'));
      }, 250);
      const typing = async (person: number): Promise<void> => {
        const threads = Array.from({ length: THREADS / PEOPLE }, (_, i) => person + i * PEOPLE);
        const answered = (): number => threads.reduce((sum, i) => sum + (results.get(`fake-${i}`) ?? 0), 0);
        for (let mine = 0; ; mine++) {
          while (mine - answered() >= PATIENCE && said < EDITS) await sleep(50 + ((person * 37) % 100));
          if (said >= EDITS) return;
          const i = threads[mine % threads.length]!;
          // nothing that waits for learning, which gives way to others' edits
          const text = mine % 2 === 0 ? 'make 2 darker' : 'make 2 lighter';
          await tell({ ...origin(i), id: `e${said++}`, kind: 'say', text });
          await sleep(100 + ((person * 37) % 200));
        }
      };
      await Promise.all(Array.from({ length: PEOPLE }, (_, person) => typing(person)));
      for (let i = 0; i < THREADS; i++) await bot.settled('web', `fake-${i}`);
      await sleep(300);
      clearInterval(watch);
      const all = await done(bot, 'fake-');
      report(all, acknowledged, 'fake engine');
      console.log(`memory in MB after each quarter, bot/workers: ${memory.join(', ')}`);
      for (const worker of workers) worker.kill('SIGTERM');
      await Promise.all(workers.map((worker) => once(worker, 'exit')));
      await bot.close();
      expect(all).toHaveLength(EDITS);
    },
    LIMIT,
  );

  it(
    `${REAL_EDITS} edits with the real engine`,
    async () => {
      const { bot, acknowledged, tell } = await listen();
      const env = { ...process.env, DATABASE_URL: server.url, DATA_DIR: dir, LEARN: 'lazy' };
      const worker = spawn(process.execPath, ['bin/dedit.js', 'worker'], { env, stdio: 'ignore' });
      const picture = readFileSync('examples/scene.png');
      const origin = (i: number) => ({ platform: 'web' as const, thread: `real-${i}`, user: `r${i}` });
      const threads = Array.from({ length: 10 }, (_, i) => i);
      for (const i of threads) await tell({ ...origin(i), id: `ru${i}`, kind: 'upload', picture });
      for (const i of threads) await bot.settled('web', `real-${i}`);
      const says = ['make 2 red', 'move 2 left 10', 'make 2 brighter', 'resize 2 90%'];
      for (let n = 0; n < REAL_EDITS; n++) {
        const text = says[Math.floor(n / threads.length) % says.length]!;
        await tell({ ...origin(n % threads.length), id: `re${n}`, kind: 'say', text });
      }
      for (const i of threads) await bot.settled('web', `real-${i}`);
      report(await done(bot, 'real-'), acknowledged, 'real engine, one worker');
      worker.kill('SIGTERM');
      await once(worker, 'exit');
      await bot.close();
    },
    LIMIT,
  );
});
