import { afterAll, beforeAll, expect, it } from 'vitest';
import { openChat } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

let chat: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => {
  chat = await openChat({ learn: 'lazy', fake: new FakeEngine({ learnMs: 40 }) });
}, 30_000);
afterAll(() => chat.close());

it('nothing is learned until an edit needs it, and then once', async () => {
  const thread = 'lazy';
  await chat.upload(thread);
  await chat.settled(thread);
  const learned = async (): Promise<number> =>
    await chat.dedit.sessions.prisma.task.count({ where: { kind: 'learn' } });
  await chat.ask('remove 2, then replace 3 with a cat', { thread });
  expect(await learned()).toBe(0);
  await chat.ask('make 1 wooden', { thread });
  await chat.ask('make 1 shiny', { thread });
  expect(await learned()).toBe(1);
  const session = await chat.dedit.sessions.prisma.session.findFirstOrThrow();
  expect(session.learnedKey).not.toBeNull();
});
