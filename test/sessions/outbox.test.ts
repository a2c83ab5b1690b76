import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { Delivery } from '../../src/bot/delivery.js';
import { Replies } from '../../src/bot/replies.js';
import { expire } from '../../src/sessions/retention.js';
import { Outbox } from '../../src/sessions/outbox.js';
import { openChat, RecordingPlatform } from '../support/conversation.js';

let chat: Awaited<ReturnType<typeof openChat>>;
afterEach(() => chat.close());

/** A session with posts that say nothing; its platform need not be there. */
async function withPosts(platform: string, thread: string, posts: number, notBefore?: Date) {
  const { prisma } = chat.dedit.sessions;
  const session = await prisma.session.create({
    data: { platform, thread, owner: 'ann', checkpoint: 'pocket' },
  });
  const notice = { kind: 'words', as: 'note', text: thread };
  const waits = notBefore ? { attempts: 1, notBefore } : {};
  await prisma.post.createMany({
    data: Array.from({ length: posts }, () => ({ sessionId: session.id, notice, ...waits })),
  });
  return session;
}

it('500 posts that wait in a failing thread keep nobody else waiting; platforms take turns', async () => {
  chat = await openChat();
  const later = new Date(Date.now() + 60_000);
  await withPosts('discord', 'failing', 500, later);
  for (let i = 0; i < 300; i++) await withPosts('discord', `d${i}`, 1);
  const { id: sessionId } = await withPosts('slack', 's', 2);
  // stored by a worker whose clock is ahead, and never tried
  await chat.dedit.sessions.prisma.post.updateMany({ where: { sessionId }, data: { notBefore: later } });
  const due = await new Outbox(chat.dedit.sessions).due(['discord', 'slack']);
  const threads = due.map(({ session }) => session.thread);
  expect(threads.slice(0, 3).sort()).toEqual(['d0', 'd1', 's']);
  expect(threads.filter((thread) => thread === 's')).toHaveLength(1);
  expect(threads).not.toContain('failing');
});

it('what was sent and cannot be marked is not sent again, and nothing else is until it can', async () => {
  chat = await openChat();
  await withPosts('slack', 'a', 2);
  await withPosts('slack', 'b', 1);
  const { sessions } = chat.dedit;
  const outbox = new Outbox(sessions);
  let refuses = true;
  const { posted } = outbox;
  outbox.posted = async (...args) => {
    if (refuses) throw new Error('the disk is full');
    await posted.apply(outbox, args);
  };
  const slack = new RecordingPlatform('slack');
  const nothing = async (): Promise<Uint8Array> => new Uint8Array();
  const replies = new Replies(sessions, { strip: nothing, cutOut: nothing });
  const delivery = new Delivery({ outbox, replies, platforms: [slack], poll: 20 });
  delivery.start();
  await sleep(1500);
  const texts = () => slack.posts.map(({ reply }) => reply.text).sort();
  expect(texts()).toEqual(['a', 'b']);
  refuses = false;
  await expect.poll(texts, { timeout: 10_000 }).toEqual(['a', 'a', 'b']);
  await delivery.stop();
  expect(new Set(slack.posts.map(({ key }) => key)).size).toBe(3);
});

it('a disk without room: words are refused in a sentence, work waits, and both go on by themselves', async () => {
  let free = 100;
  chat = await openChat({ reserve: 50, freeBytes: () => free });
  await chat.upload();
  await chat.settled();
  free = 10;
  await sleep(2100);
  await chat.say('remove 2');
  expect(chat.platform.in('t').at(-1)!.text).toContain('the disk of this bot is full');
  expect(await chat.dedit.whyNotReady()).toContain('the disk is full');
  expect(await chat.dedit.sessions.prisma.revision.count()).toBe(1);
  free = 100;
  expect(await chat.dedit.whyNotReady()).toBeUndefined();
  expect((await chat.ask('remove 2'))[0]!.kind).toBe('result');
});

it('of a picture that is refused nothing is stored, and a person has room for so much', async () => {
  chat = await openChat({
    quotas: { uploadsPerDay: 2, editsPerDay: 0, bytesEach: 200_000, bytesTogether: 10_000_000 },
  });
  const { sessions } = chat.dedit;
  for (const thread of ['a', 'b', 'c', 'd']) {
    await chat.upload(thread);
    await chat.settled(thread);
  }
  expect(chat.platform.in('d').at(-1)!.text).toContain('more than 2 pictures today');
  const stored = [];
  for await (const ids of sessions.blobs.sessions()) stored.push(...ids);
  expect(stored).toHaveLength(2);
  const { bytes } = await sessions.prisma.session.findFirstOrThrow({ where: { thread: 'a' } });
  expect(Number(bytes)).toBeGreaterThan(200);
  await sessions.prisma.session.updateMany({ data: { bytes: 150_000 } });
  expect((await chat.ask('remove 2', { thread: 'a' }))[0]!.text).toContain('say "forget" in a thread');
  await chat.upload('e', 'bob');
  await chat.settled('e');
  expect(chat.platform.in('e').at(-1)!.kind).toBe('overlay');
  // and all together
  await sessions.prisma.session.updateMany({ where: { thread: 'a' }, data: { bytes: 20_000_000 } });
  await chat.upload('f', 'eve');
  await chat.settled('f');
  expect(chat.platform.in('f').at(-1)!.text).toContain('there is no room for more pictures here');
});

it('a thread holds a thousand pictures, and says what to do then', async () => {
  chat = await openChat();
  await chat.upload();
  await chat.settled();
  const { prisma } = chat.dedit.sessions;
  const root = await prisma.revision.findFirstOrThrow();
  await prisma.revision.create({
    data: { sessionId: root.sessionId, parentId: root.id, number: 1000, say: '', user: 'ann' },
  });
  expect((await chat.ask('remove 2')).at(-1)!.text).toContain(
    'this thread has 1000 pictures: send the newest one anew',
  );
  expect(await prisma.revision.count()).toBe(2);
});

it('a session that is used while others expire stays', async () => {
  chat = await openChat();
  for (const thread of ['a', 'b']) {
    await chat.upload(thread);
    await chat.settled(thread);
  }
  const { sessions } = chat.dedit;
  const usedAt = new Date(Date.now() - 40 * 24 * 3600_000);
  await sessions.prisma.session.updateMany({ data: { usedAt } });
  const { forget } = sessions.blobs;
  // while the first is deleted, somebody asks for the history of the other
  sessions.blobs.forget = async (id) => {
    sessions.blobs.forget = forget;
    await sessions.blobs.forget(id);
    const left = await sessions.prisma.session.findFirstOrThrow();
    await chat.say('history', { thread: left.thread });
  };
  expect(await expire(sessions, 30)).toBe(1);
  expect(await sessions.prisma.session.count()).toBe(1);
});
