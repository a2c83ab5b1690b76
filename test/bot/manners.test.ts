/** What a person may do at any time, and is never met with silence for; and what becomes of words and captions. */
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { itemShower } from '../../src/bot/itemPicture.js';
import { isAnimated } from '../../src/bot/firstBytes.js';
import type { ChatEvent } from '../../src/bot/platform.js';
import { openChat, photo } from '../support/conversation.js';
import { heic } from '../support/heic.js';
import { type FakeEngine } from '../support/fakeEngine.js';

let chat: Awaited<ReturnType<typeof openChat>>;
afterEach(() => chat?.close());

const origin = (more: object = {}) => ({
  ...{ id: randomUUID(), platform: 'web' as const, thread: 't', user: 'ann' },
  ...more,
});
const texts = () => chat.platform.in('t').map(({ text }) => text);

describe('where there is no picture', () => {
  const say = (text: string, more: object = {}) =>
    chat.send({ ...origin(more), kind: 'say', text } as ChatEvent);

  it('whoever means the bot is told what to do, and gets help', async () => {
    chat = await openChat();
    await say('hello', { meant: 'directly' });
    await say('hello again', { meant: 'directly' });
    await say('help', { meant: 'directly' });
    expect(texts()).toEqual([
      expect.stringContaining('There is no picture here'),
      expect.stringContaining('There is no picture here'),
      expect.stringContaining('"replace 3 with'),
    ]);
  });

  it('people who talk among themselves are told once, and not at all in threads that are not ours', async () => {
    chat = await openChat();
    for (let i = 0; i < 3; i++) await say('nice weather', { meant: 'perhaps' });
    await say('nice weather');
    expect(texts()).toHaveLength(1);
  });

  it('old words, buttons and reactions are answered after forget, and a new picture is taken', async () => {
    chat = await openChat();
    await chat.upload();
    await chat.settled();
    const shown = chat.platform.last('t').id;
    await chat.say('forget');
    await expect.poll(texts, { timeout: 20_000 }).toContainEqual(expect.stringMatching(/^Forgotten/));
    await say('remove 2', { meant: 'directly', replyTo: shown });
    await chat.send({
      ...origin({ meant: 'perhaps' }),
      kind: 'react',
      emoji: '2️⃣',
      message: shown,
    } as ChatEvent);
    expect(texts().at(-1)).toContain('There is no picture here, or it is gone');
    await chat.upload();
    await chat.settled();
    expect(chat.platform.last('t').reply.kind).toBe('overlay');
  });
});

describe('what is written with a picture', () => {
  it('is done once it is cut, once, also when the process ended in between', async () => {
    chat = await openChat();
    const upload = { ...origin(), kind: 'upload' as const, picture: await photo(), text: 'remove the dog' };
    chat.platform.fault = (reply) => (reply.kind === 'overlay' ? new Error('away') : undefined);
    await chat.send(upload);
    await expect.poll(() => chat.dedit.sessions.prisma.event.count(), { timeout: 20_000 }).toBe(2);
    chat.platform.fault = () => undefined;
    await chat.settled();
    expect(chat.platform.in('t').map(({ kind }) => kind)).toEqual(['overlay', 'result', 'overlay']);
    expect(texts()[1]).toBe('1: remove the dog');
    expect((chat.engine as FakeEngine).edits).toHaveLength(1);
  });

  it('is answered when nobody understands it', async () => {
    chat = await openChat();
    await chat.send({ ...origin(), kind: 'upload', picture: await photo(), text: 'wibble wobble' });
    await chat.settled();
    expect(chat.platform.in('t').map(({ kind }) => kind)).toEqual(['overlay', 'refusal']);
  });
});

describe('a number on a picture', () => {
  it('chooses on a strip, also on an older one; does nothing on a comparison, and says so', async () => {
    chat = await openChat();
    await chat.upload();
    await chat.settled();
    await chat.ask('replace 2 with a cat');
    const [strip] = await chat.ask('again 3');
    expect(strip!.kind).toBe('strip');
    const stripMessage = chat.platform.posts.find(({ reply }) => reply === strip)!.id;
    await chat.react('2️⃣', stripMessage);
    await chat.settled();
    expect(texts().at(-1)).toBe('Going on from picture 2 of the strip.');
    expect(chat.platform.last('t').reply.items).toHaveLength(4);

    await chat.ask('again 2');
    await chat.react('3️⃣', stripMessage);
    await chat.settled();
    expect(texts().at(-1)).toBe('Going on from picture 3 of the strip.');

    const [compared] = await chat.ask('compare');
    const message = chat.platform.posts.find(({ reply }) => reply === compared)!.id;
    await chat.react('2️⃣', message);
    await chat.settled();
    expect(texts().at(-1)).toContain('a number does nothing on this picture');
    expect((chat.engine as FakeEngine).edits.every(({ kind }) => kind !== 'remove')).toBe(true);

    const [cutOut] = await chat.ask('cut out 2');
    await chat.react('1️⃣', chat.platform.posts.find(({ reply }) => reply === cutOut)!.id);
    await chat.settled();
    expect(texts().at(-1)).toContain('a number does nothing on this picture');

    // what a menu shows of an item: its own pixels, small
    const shown = chat.platform.posts.find(({ reply }) => reply.kind === 'overlay')!;
    const item = await itemShower(chat.dedit.sessions, 'web')('t', shown.id, 4);
    const { data, info } = await sharp(item!.png).raw().toBuffer({ resolveWithObject: true });
    expect([item!.name, info.width, info.height, info.channels]).toEqual(['tree', 16, 12, 4]);
    expect([...data.subarray(0, 4)]).toEqual([90, 160, 60, 255]);
    expect(await itemShower(chat.dedit.sessions, 'web')('t', shown.id, 9)).toBeUndefined();

    // there is no tenth keycap: mere feelings
    const before = texts().length;
    await chat.react('🔟', chat.platform.last('t').id);
    await chat.settled();
    expect(texts()).toHaveLength(before);
  });
});

describe('a finer picture', () => {
  it('takes the place of the one that was shown', async () => {
    chat = await openChat();
    const { platform } = chat;
    await chat.upload();
    await chat.settled();
    await chat.ask('replace 2 with a cat');
    const { sessions } = chat.dedit;
    const session = (await sessions.views.inThread('web', 't'))!;
    const draft = platform.posts.find(({ reply }) => reply.kind === 'result')!.id;
    const posts = platform.posts.length;
    await sessions.prisma.$transaction((tx) =>
      sessions.tell(tx, session, { kind: 'refined' }, session.headId!),
    );
    await chat.settled();
    expect(platform.replaced.map(({ message, reply }) => [message, reply.kind])).toEqual([[draft, 'result']]);
    expect(platform.posts).toHaveLength(posts);
    // words that answer the picture still mean it
    const standing = await sessions.standingNow(session, draft);
    expect(standing.shown?.id).toBe(session.headId);
  });
});

it('HEIC from a phone is refused in words before anything is stored; AVIF, in the same kind of box, is not', async () => {
  chat = await openChat();
  await chat.upload('t', 'ann', heic);
  await expect.poll(texts).toEqual([expect.stringMatching(/is HEIC.* send it as JPEG/)]);
  const { prisma } = chat.dedit.sessions;
  expect(await prisma.session.count()).toBe(0);
  const avif = await sharp(await photo())
    .avif()
    .toBuffer();
  await chat.upload('t', 'ann', avif);
  await chat.settled();
  expect(chat.platform.last('t').reply.kind).toBe('overlay');
});

it('pictures that move are known by their first bytes, and people are told of the first frame', async () => {
  // two frames that differ: an encoder makes one of two that are alike
  const frames = Buffer.alloc(8 * 16 * 3, 40).fill(200, 8 * 8 * 3);
  const raw = { width: 8, height: 16, channels: 3 as const, pageHeight: 8 };
  const moving = (type: 'gif' | 'webp') => sharp(frames, { raw }).toFormat(type, { loop: 0 }).toBuffer();
  const still = (type: 'gif' | 'webp' | 'png' | 'avif') =>
    photo().then((png) => sharp(png).toFormat(type).toBuffer());
  expect(await Promise.all([moving('gif'), moving('webp')].map(async (p) => isAnimated(await p)))).toEqual([
    true,
    true,
  ]);
  for (const type of ['gif', 'webp', 'png', 'avif'] as const)
    expect(isAnimated(await still(type))).toBe(false);
  expect(isAnimated(new Uint8Array())).toBe(false);
  chat = await openChat();
  await chat.upload('t', 'ann', await moving('gif'));
  await chat.settled();
  expect(texts()).toContain('This picture moves: I use its first frame.');
});

it('own words are kept in order, with what answered them, where the platform asks for it', async () => {
  chat = await openChat();
  await chat.upload();
  await chat.settled();
  const words = (text: string) =>
    chat.send({ ...origin({ kept: true, id: text }), kind: 'say', text } as ChatEvent);
  await words('rename 2 wolf');
  await words('wibble');
  await words('wibble');
  await chat.settled();
  const { sessions, replies } = chat.dedit;
  const session = (await sessions.views.inThread('web', 't'))!;
  const told = await sessions.views.told(session.id);
  const all = await Promise.all(told.map((post) => replies.of({ ...post, session })));
  expect(all.map(({ kind }) => kind)).toEqual(['overlay', 'said', 'note', 'said', 'refusal']);
  expect(all.filter(({ kind }) => kind === 'said').map(({ text }) => text)).toEqual([
    'rename 2 wolf',
    'wibble',
  ]);
  await words('forget');
  expect(await sessions.prisma.post.count()).toBe(0);
});
