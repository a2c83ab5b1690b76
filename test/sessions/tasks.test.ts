import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EngineFailure } from '../../src/engine/engine.js';
import { Worker } from '../../src/sessions/worker.js';
import { openChat } from '../support/conversation.js';
import { putDatabase } from '../support/database.js';
import { FakeEngine } from '../support/fakeEngine.js';

describe('a task that kills the whole process', () => {
  let dir: string;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'dedit-crash-'));
    await putDatabase(join(dir, 'data'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const lines = (name: string) => readFileSync(join(dir, name), 'utf8').trim().split('\n');

  /** Tells a new process everything anew, as platforms do, and kills it when all is settled. @returns whether it was */
  const live = async (events: readonly object[]): Promise<boolean> => {
    const files = ['data', 'posts', 'edits'].map((name) => join(dir, name));
    const child = fork('test/support/mortal.mjs', files, { serialization: 'advanced' });
    const ended = once(child, 'exit').then(() => false);
    const settled = new Promise<boolean>((resolve) => {
      // the first time that all is settled may have been before the last event
      let [left, times] = [events.length, 0];
      child.on('message', (told: { ready?: true; acknowledged?: string; settled?: true }) => {
        if (told.ready) for (const event of events) child.send(event, () => {});
        if (told.acknowledged) left--;
        if (told.settled && left === 0 && ++times === 2) resolve(true);
      });
    });
    const lived = await Promise.race([settled, ended]);
    child.kill('SIGKILL');
    await ended;
    return lived;
  };
  const origin = { platform: 'web', thread: 't', user: 'ann' };
  const say = (text: string) => ({ ...origin, id: text, kind: 'say', text });

  it('is begun three times, then given up with a sentence; what was said after it is done', async () => {
    const upload = { ...origin, id: 'u', kind: 'upload' };
    expect(await live([upload])).toBe(true);
    const all = [upload, say('make 2 deadly'), say('make 3 red')];
    let lives = 1;
    while (!(await live(all)) && lives < 10) lives++;
    expect(lines('edits').map((line) => line.split(' ')[1])).toEqual(['deadly', 'deadly', 'deadly', 'red']);
    const posts = lines('posts').map((line) => JSON.parse(line) as { kind: string; text: string });
    expect(posts.slice(1).map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      'refusal: "make 2 deadly" could not be done: the program ended 3 times while it did this, so it is not tried again',
      expect.stringMatching(/^result: \d: make 3 red$/),
    ]);
    expect(lives).toBe(4);
  }, 180_000);
});

describe('tasks', () => {
  let chat: Awaited<ReturnType<typeof openChat>>;
  afterEach(() => chat.close());

  it('are put back by a process that is told to stop, without being counted', async () => {
    const engine = new FakeEngine({ editMs: 60_000 });
    chat = await openChat({ fake: engine });
    await chat.upload();
    await chat.settled();
    await chat.say('make 2 red');
    await expect.poll(() => engine.running).toBe(1);
    await chat.dedit.worker.stop();
    const task = await chat.dedit.sessions.prisma.task.findFirstOrThrow({ where: { kind: 'edit' } });
    expect(task).toMatchObject({ status: 'PENDING', attempts: 0 });
    await chat.dedit.sessions.prisma.task.deleteMany();
  });

  it('that another worker took over meanwhile are not ended by the first', async () => {
    const engine = new FakeEngine({ editMs: 400 });
    chat = await openChat({ fake: engine });
    await chat.upload();
    await chat.settled();
    await chat.say('make 2 red');
    await expect.poll(() => engine.running).toBe(1);
    const { sessions } = chat.dedit;
    // the database is this test's own, so whatever runs counts as left over
    await new Worker({ sessions, engine: () => engine }).takeOver();
    await expect.poll(() => engine.edits.length, { timeout: 10_000 }).toBe(2);
    await chat.settled();
    expect(chat.platform.in('t').filter(({ kind }) => kind === 'result')).toHaveLength(1);
  });

  it('of one strip do not wait for a process that died while it drew them all', async () => {
    const engine = new FakeEngine();
    chat = await openChat({ fake: engine });
    await chat.upload();
    await chat.settled();
    await chat.ask('replace 2 with a cat');
    const { sessions, worker } = chat.dedit;
    await worker.stop();
    await chat.say('again 3');
    const { task } = sessions.prisma;
    const rows = await task.findMany({ where: { kind: 'edit', status: 'PENDING' } });
    expect(rows).toHaveLength(3);
    // as a dead process leaves them: one begun for the last time, the others kept for it
    await task.update({ where: { id: rows[0]!.id }, data: { status: 'RUNNING', attempts: 3 } });
    const kept = { in: rows.slice(1).map(({ id }) => id) };
    await task.updateMany({ where: { id: kept }, data: { notBefore: new Date(Date.now() + 600_000) } });
    await new Worker({ sessions, engine: () => engine }).takeOver();
    const left = await task.findMany({ where: { id: kept } });
    expect(left.map(({ notBefore }) => notBefore)).toEqual([null, null]);
  });

  it('that outgrow the memory again in a new process are given up', async () => {
    const engine = new FakeEngine({
      onEdit: () => {
        throw new EngineFailure('memory', 'the engine needed more than 64 MB');
      },
    });
    chat = await openChat({ fake: engine });
    await chat.upload();
    await chat.settled();
    const said = await chat.ask('make 2 red');
    expect(said.map(({ text }) => text)).toEqual([expect.stringContaining('needed more than 64 MB')]);
    expect(engine.calls).toBe(2);
  });

  it('that wait in a thread make its next word no slower: it asks the database as often as before', async () => {
    chat = await openChat({ fake: new FakeEngine() });
    await chat.upload();
    await chat.settled();
    await chat.dedit.worker.stop();
    const asked = vi.spyOn(PGlite.prototype, 'execProtocolRaw');
    const askedBy = async (words: string) => {
      asked.mockClear();
      await chat.say(words);
      return asked.mock.calls.length;
    };
    await chat.say('make 2 darker');
    const first = await askedBy('make 2 lighter');
    for (let i = 0; i < 8; i++) await chat.say('make 2 darker');
    expect(first).toBeGreaterThan(10);
    expect(await askedBy('make 2 lighter')).toBe(first);
    await chat.dedit.sessions.prisma.task.deleteMany();
  });

  it('are done in turns: whoever was served waits until everybody had theirs', async () => {
    chat = await openChat({ fake: new FakeEngine() });
    await chat.upload('t', 'ann');
    await chat.settled();
    await chat.dedit.worker.stop();
    const { prisma, tasks } = chat.dedit.sessions;
    const root = await prisma.revision.findFirstOrThrow();
    let number = 0;
    const ask = async (user: string) => {
      const of = { sessionId: root.sessionId, parentId: root.id };
      const revision = await prisma.revision.create({ data: { ...of, number: ++number, say: '', user } });
      await tasks.add(prisma, { id: root.sessionId }, { kind: 'edit', revisionId: revision.id });
    };
    for (const user of ['ann', 'ann', 'ann', 'ann', 'bob', 'bob', 'cat', 'cat']) await ask(user);
    const served: string[] = [];
    const serve = async () => {
      const claim = (await tasks.claim(['drawing'], ['edit']))!;
      served.push(`${claim.revision.user}${claim.revision.number}`);
    };
    for (let i = 0; i < 6; i++) await serve();
    // ann has had two turns: who comes new does not wait for the rest of hers
    await ask('dan');
    for (let i = 0; i < 3; i++) await serve();
    expect(served.join(' ')).toBe('ann1 bob5 cat7 ann2 bob6 cat8 ann3 dan9 ann4');
    await prisma.task.deleteMany();
  });

  it('of newcomers are not starved by steady edits, and learning has a lane of its own', async () => {
    chat = await openChat({ fake: new FakeEngine() });
    await chat.upload('old', 'ann');
    await chat.settled('old');
    await chat.dedit.worker.stop();
    const { sessions } = chat.dedit;
    const { prisma } = sessions;
    await chat.upload('new', 'bob');
    await chat.say('go', { thread: 'old' });
    // an edit a second, asked by as many people, for five minutes
    const root = await prisma.revision.findFirstOrThrow({ where: { session: { thread: 'old' } } });
    for (let second = 0; second < 300; second++) {
      const revision = await prisma.revision.create({
        data: {
          sessionId: root.sessionId,
          parentId: root.id,
          number: second + 1,
          say: '',
          user: `u${second}`,
        },
      });
      const task = { kind: 'edit', lane: 'pixels', revisionId: revision.id } as const;
      await sessions.tasks.add(prisma, { id: root.sessionId }, task);
      const turn = new Date(Date.now() + second * 1000);
      await prisma.task.updateMany({ where: { revisionId: revision.id }, data: { turn } });
    }
    const order: string[] = [];
    for (let i = 0; i < 100; i++) {
      const claim = (await sessions.tasks.claim(['pixels'], ['segment', 'learn', 'edit']))!;
      order.push(claim.kind);
      await prisma.$transaction((tx) => sessions.tasks.end(tx, claim, 'DONE', new Date()));
      await prisma.revision.update({ where: { id: claim.revisionId }, data: { status: 'DONE' } });
    }
    expect(order[0]).toBe('segment');
    expect(order).not.toContain('learn');
    expect((await sessions.tasks.claim(['background'], ['learn']))?.kind).toBe('learn');
    expect(await sessions.tasks.claim(['drawing'], ['segment', 'learn', 'edit'])).toBeUndefined();
    await prisma.task.deleteMany();
  });

  it('of a kind this version does not know are left alone', async () => {
    chat = await openChat();
    await chat.upload();
    await chat.settled();
    const { prisma, tasks } = chat.dedit.sessions;
    const root = await prisma.revision.findFirstOrThrow();
    await tasks.add(prisma, { id: root.sessionId }, { kind: 'refine', revisionId: root.id });
    expect(await tasks.claim(['background'], ['segment', 'learn', 'edit'])).toBeUndefined();
    expect((await tasks.claim(['background'], ['refine']))?.kind).toBe('refine');
    await prisma.task.deleteMany();
  });
});
