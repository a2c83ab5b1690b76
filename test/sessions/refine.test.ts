import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sessions } from '../../src/sessions/sessions.js';
import { openChat } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

type Chat = Awaited<ReturnType<typeof openChat>>;

const GREY = 77;
const revisionOf = async ({ prisma }: Sessions, thread: string, number: number) =>
  await prisma.revision.findFirstOrThrow({ where: { session: { thread }, number } });
const firstByte = async ({ blobs }: Sessions, key: string | null): Promise<number> =>
  (
    await sharp(await blobs.get(key!))
      .raw()
      .toBuffer()
  )[0]!;

describe('a draft is drawn finer once its items are learned', () => {
  let chat: Chat;
  beforeAll(async () => {
    chat = await openChat({ fake: new FakeEngine({ learnMs: 40, refineMs: 200, refines: GREY }) });
  }, 60_000);
  afterAll(() => chat.close());

  it('in the same message and the same revision; the draft is kept', async () => {
    await chat.upload('finer');
    await chat.settled('finer');
    const answers = await chat.ask('remove 3', { thread: 'finer' });
    expect(answers.map(({ kind }) => kind)).toEqual(['result', 'overlay']);
    const result = chat.platform.posts.find(
      ({ thread, reply }) => thread === 'finer' && reply.kind === 'result',
    )!;
    expect(chat.platform.replaced).toHaveLength(1);
    const [{ message, reply }] = chat.platform.replaced as [{ message: string; reply: typeof result.reply }];
    expect([message, reply.text]).toEqual([result.id, '1: remove 3 (drawn finer)']);
    expect(reply.picture!.png).not.toEqual(result.reply.picture!.png);
    const revision = await revisionOf(chat.dedit.sessions, 'finer', 1);
    expect(await firstByte(chat.dedit.sessions, revision.pictureKey)).toBe(GREY);
    expect(await firstByte(chat.dedit.sessions, revision.draftKey)).not.toBe(GREY);
  });

  it('not when the person has gone on', async () => {
    await chat.upload('on');
    await chat.settled('on');
    await chat.say('remove 3', { thread: 'on' });
    await chat.say('make 2 blue', { thread: 'on' });
    await chat.settled('on');
    expect((await revisionOf(chat.dedit.sessions, 'on', 1)).draftKey).toBeNull();
    expect(chat.platform.replaced.filter(({ reply }) => reply.text.includes('drawn finer'))).toHaveLength(1);
  });

  it('not when it was undone meanwhile', async () => {
    await chat.upload('undone');
    await chat.settled('undone');
    const { prisma } = chat.dedit.sessions;
    await chat.say('remove 3', { thread: 'undone' });
    const running = async () =>
      await prisma.task.count({
        where: { session: { thread: 'undone' }, kind: 'refine', status: 'RUNNING' },
      });
    await expect.poll(running, { timeout: 20_000, interval: 10 }).toBe(1);
    await chat.ask('undo', { thread: 'undone' });
    const task = await prisma.task.findFirstOrThrow({
      where: { session: { thread: 'undone' }, kind: 'refine' },
    });
    expect(task.status).toBe('CANCELLED');
    expect((await revisionOf(chat.dedit.sessions, 'undone', 1)).draftKey).toBeNull();
  });

  it('as a reply of its own where a message keeps its picture; what is said to either means that revision', async () => {
    await chat.upload('stays');
    await chat.settled('stays');
    chat.platform.swaps = false;
    const answers = await chat.ask('remove 3', { thread: 'stays' });
    chat.platform.swaps = true;
    expect(answers.map(({ text }) => text.split('.')[0])).toEqual([
      ...['1: remove 3', 'Now: 1 grass, 2 dog, 3 tree', '1: remove 3 (drawn finer)'],
    ]);
    const finer = chat.platform.last('stays');
    await chat.ask('make 2 blue', { thread: 'stays' });
    const [again] = await chat.ask('remove 1', { thread: 'stays', replyTo: finer.id });
    expect(again!.text).toBe('3: remove 1');
    const [one, three] = [1, 3].map((n) => revisionOf(chat.dedit.sessions, 'stays', n));
    expect((await three!).parentId).toBe((await one!).id);
  });
});

it('redraw 0% asks for none; where one is asked for that would be no better, the person hears so', async () => {
  const chat = await openChat({ learn: 'lazy', fake: new FakeEngine() });
  await chat.upload();
  await chat.settled();
  await chat.ask('redraw 0%');
  await chat.ask('remove 4');
  expect(await chat.dedit.sessions.prisma.task.count({ where: { kind: { in: ['refine', 'learn'] } } })).toBe(
    0,
  );
  await chat.ask('redraw 40%');
  const answers = await chat.ask('remove 3');
  expect(answers.map(({ kind }) => kind)).toEqual(['result', 'overlay', 'note']);
  expect(answers.at(-1)!.text).toContain('"remove 3" stays as it is');
  await chat.close();
}, 60_000);

it('killed between draft and refinement, nothing is lost and nothing is told twice', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'dedit-refine-'));
  const first = await openChat({ dataDir, fake: new FakeEngine({ refineMs: 60_000, refines: GREY }) });
  await first.upload();
  await first.settled();
  await first.say('remove 3');
  const { prisma } = first.dedit.sessions;
  const running = { kind: 'refine', status: 'RUNNING' } as const;
  await expect.poll(() => prisma.task.count({ where: running }), { timeout: 20_000 }).toBe(1);
  await first.dedit.worker.stop();
  // what a kill leaves: nobody put the task back
  await prisma.task.updateMany({ where: { kind: 'refine' }, data: { status: 'RUNNING', attempts: 1 } });
  await first.close();
  const second = await openChat({ dataDir, fake: new FakeEngine({ refines: GREY }) });
  await second.settled();
  const results = [...first.platform.in('t'), ...second.platform.in('t')].filter(
    ({ kind }) => kind === 'result',
  );
  expect(results.map(({ text }) => text)).toEqual(['1: remove 3']);
  expect(second.platform.replaced.map(({ reply }) => reply.text)).toEqual(['1: remove 3 (drawn finer)']);
  const { pictureKey } = await revisionOf(second.dedit.sessions, 't', 1);
  expect(await firstByte(second.dedit.sessions, pictureKey)).toBe(GREY);
  await second.close();
  rmSync(dataDir, { recursive: true, force: true });
}, 90_000);
