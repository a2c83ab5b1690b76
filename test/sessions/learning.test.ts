import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Item } from '../../src/engine/edits/index.js';
import { itemsOf } from '../../src/sessions/sessions.js';
import { openChat } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

type Chat = Awaited<ReturnType<typeof openChat>>;
const tasks = async ({ dedit }: Chat, thread: string) =>
  await dedit.sessions.prisma.task.findMany({ where: { kind: 'learn', session: { thread } } });
/** The prompts of a picture's items, in short. */
const prompts = async ({ dedit }: Chat, thread: string, number: number): Promise<string[]> => {
  const where = { number, session: { thread } };
  const revision = await dedit.sessions.prisma.revision.findFirstOrThrow({ where });
  return itemsOf(revision).map(({ prompt }: Item) =>
    prompt.kind === 'learned' ? `#${prompt.item}` : prompt.kind === 'text' ? prompt.text : 'blend',
  );
};

describe('lazy: nothing is learned', () => {
  let chat: Chat;
  beforeAll(async () => {
    chat = await openChat({ learn: 'lazy', fake: new FakeEngine({ learnMs: 40 }) });
  }, 30_000);
  afterAll(() => chat.close());

  it('until an edit needs it, and then once, of the picture as it is then', async () => {
    const thread = 'lazy';
    await chat.upload(thread);
    await chat.settled(thread);
    await chat.ask('remove 2, then replace 3 with a cat', { thread });
    expect(await tasks(chat, thread)).toHaveLength(0);
    await chat.ask('make 1 wooden', { thread });
    await chat.ask('make 1 shiny', { thread });
    expect(await tasks(chat, thread)).toHaveLength(1);
    const session = await chat.dedit.sessions.prisma.session.findFirstOrThrow();
    expect(session.learnedKey).not.toBeNull();
    // grass, the cat that was a ball, and tree; the picture as it came had a dog between them, and no cat
    expect(await prompts(chat, thread, 2)).toEqual(['#0', '#1', '#2']);
    expect(await prompts(chat, thread, 0)).toEqual(['#0', 'dog', 'ball', '#2']);
  });

  it('until "go"', async () => {
    const thread = 'lazy go';
    await chat.upload(thread);
    await chat.settled(thread);
    expect((await chat.ask('yes, go', { thread })).map(({ text }) => text)).toEqual([
      'I learn the items now; you can already say what to change.',
    ]);
    expect(await prompts(chat, thread, 0)).toEqual(['#0', '#1', '#2', '#3']);
    expect((await chat.ask('go', { thread }))[0]!.text).toContain('are learned in 60 of 100 steps');
    expect((await chat.ask('status', { thread }))[0]!.text).toContain('learned in 60 of 100 steps');
  });
});

describe('eager: nothing is learned', () => {
  let chat: Chat;
  beforeAll(async () => {
    chat = await openChat({ learn: 'eager', fake: new FakeEngine({ learnMs: 40 }) });
  }, 30_000);
  afterAll(() => chat.close());

  it('while items are put right, and then the items as they were put right', async () => {
    const thread = 'eager';
    await chat.upload(thread);
    await chat.settled(thread);
    await chat.ask('merge 1 and 2', { thread });
    await chat.ask('rename 1 ground', { thread });
    expect((await chat.ask('status', { thread }))[0]!.text).toContain('once you say what to change, or "go"');
    expect((await chat.ask('cancel', { thread }))[0]!.text).toBe('There is nothing to cancel.');
    expect(await tasks(chat, thread)).toMatchObject([{ status: 'PENDING', attempts: 0 }]);
    await chat.ask('go', { thread });
    expect(await tasks(chat, thread)).toMatchObject([{ status: 'DONE' }]);
    expect(await prompts(chat, thread, 1)).toEqual(['#0', '#1', '#2']);
  });

  it('until something is changed', async () => {
    const thread = 'words';
    await chat.upload(thread);
    await chat.settled(thread);
    await chat.ask('remove 2', { thread });
    expect(await tasks(chat, thread)).toMatchObject([{ status: 'DONE' }]);
    expect(await prompts(chat, thread, 1)).toEqual(['#0', '#2', '#3']);
  });

  it('until nobody has said anything for long', async () => {
    const { sessions } = chat.dedit;
    const thread = 'silent';
    await chat.upload(thread);
    await chat.settled(thread);
    const [task] = await tasks(chat, thread);
    expect(task!.notBefore!.getTime()).toBeGreaterThan(Date.now() + 5 * 60_000);
    await sessions.prisma.task.update({ where: { id: task!.id }, data: { notBefore: new Date(0) } });
    await chat.settled(thread);
    expect(await tasks(chat, thread)).toMatchObject([{ status: 'DONE' }]);
  });
});
