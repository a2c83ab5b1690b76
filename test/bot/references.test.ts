import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FakeEngine } from '../support/fakeEngine.js';
import { openChat, photo } from '../support/conversation.js';

let chat: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => void (chat = await openChat()), 60_000);
afterAll(() => chat.close());

/** Sends a picture into the thread, with words or without. */
async function show(thread: string, attachment: Uint8Array, text = '') {
  const before = chat.platform.in(thread).length;
  const origin = { id: randomUUID(), platform: chat.platform.name, thread, user: 'ann' };
  await chat.send({ ...origin, kind: 'say', text, attachment });
  await chat.settled(thread);
  return chat.platform.in(thread).slice(before);
}

async function begun(thread: string, references: readonly Uint8Array[] = []): Promise<void> {
  const origin = { id: randomUUID(), platform: chat.platform.name, thread, user: 'ann' };
  await chat.send({ ...origin, kind: 'upload', picture: await photo(40, 30), references });
  await chat.settled(thread);
}

it('references travel with the picture, and are numbered B, C', async () => {
  await begun('travel', [await photo(20, 20), await photo(24, 24)]);
  const told = chat.platform.in('travel');
  expect(told.filter(({ kind }) => kind === 'reference').map(({ text }) => text.slice(0, 12))).toEqual([
    ...['Reference B:', 'Reference C:'],
  ]);
  expect(told.find(({ kind }) => kind === 'reference')!.items).toBeUndefined();
  const [result] = await chat.ask('replace 2 with C3', { thread: 'travel' });
  expect(result).toMatchObject({ kind: 'result', text: '1: replace 2 with C3' });
  expect((chat.engine as FakeEngine).edits.at(-1)).toEqual({
    ...{ kind: 'replaceWith', item: 1, with: { picture: 'C', item: 2 } },
  });
});

it('what was written with a reference is done once it is cut', async () => {
  await begun('words');
  const told = await show('words', await photo(20, 20), 'replace the dog with the one in B');
  // a dog for a dog: the numbers and names told last are right
  expect(told.map(({ kind }) => kind)).toEqual(['reference', 'result']);
  expect((await show('words', await photo(22, 22), 'Here is a reference!')).map(({ kind }) => kind)).toEqual([
    'reference',
  ]);
});

it('a picture is a mask when its words reshape', async () => {
  await begun('mask');
  const told = await show('mask', await photo(40, 30), 'reshape 2');
  expect(told.some(({ kind }) => kind === 'reference')).toBe(false);
  // its mask lies among the blobs, and is read from there
  const middle = await sharp({ create: { width: 10, height: 30, channels: 3, background: 'white' } })
    .extend({ left: 15, right: 15, background: 'black' })
    .png()
    .toBuffer();
  expect((await show('mask', middle, 'reshape 2'))[0]!.kind).toBe('result');
  expect((await chat.ask('again', { thread: 'mask' }))[0]!.kind).toBe('result');
});

it('the same picture twice, and too many of them, are told and nothing is lost', async () => {
  await begun('twice');
  expect((await show('twice', await photo(40, 30)))[0]!.text).toMatch(/the picture that is being edited/);
  await show('twice', await photo(20, 20));
  expect((await show('twice', await photo(20, 20)))[0]!.text).toMatch(/this is reference B/);
  for (let i = 1; i < 8; i++) await show('twice', await photo(20 + i, 20));
  expect((await show('twice', await photo(19, 20)))[0]!.text).toMatch(
    /there are 8 reference pictures already/,
  );
  expect((await chat.ask('remove 2', { thread: 'twice' }))[0]!.kind).toBe('result');
});

it('what is no picture is refused and leaves its letter free', async () => {
  await begun('bad');
  const [refusal] = await show('bad', Buffer.from('hello'));
  expect(refusal!.text).toMatch(/I cannot use this reference B: .*not a picture/);
  expect((await show('bad', await photo(20, 20)))[0]!.text).toMatch(/^Reference B:/);
});

it('a number on a reference does nothing and says so, and its message is no picture to go on from', async () => {
  await begun('react');
  await show('react', await photo(20, 20));
  const { id } = chat.platform.last('react');
  await chat.react('3️⃣', id, 'react');
  await chat.settled('react');
  expect(chat.platform.last('react').reply.text).toMatch(/a number does nothing on this picture/);
  const [result] = await chat.ask('remove 2', { thread: 'react', replyTo: id });
  expect(result!.text).toBe('1: remove 2');
});

it('a reference that comes after learning is learned with the picture, whose items stay as they are', async () => {
  await begun('learn');
  await chat.ask('redraw 100%', { thread: 'learn' });
  await chat.ask('remove 4', { thread: 'learn' });
  const session = (await chat.dedit.sessions.views.inThread(chat.platform.name, 'learn'))!;
  expect(session.learnedKey).toBeTruthy();
  await show('learn', await photo(20, 20));
  expect((await chat.ask('blend 2 with B3 50%', { thread: 'learn' }))[0]).toMatchObject({ kind: 'result' });
  const [reference] = await chat.dedit.sessions.views.references(session);
  const prompts = (reference!.items as { prompt: object }[]).map(({ prompt }) => prompt);
  const { prompt } = (await chat.dedit.sessions.views.revisions(session.id))
    .map(({ items }) => (items as { prompt: { kind: string; to?: object } }[])[1]!)
    .at(-1)!;
  expect(prompts).toHaveLength(4);
  expect(prompts.every((each) => (each as { kind: string }).kind === 'learned')).toBe(true);
  expect(prompt).toMatchObject({ kind: 'blend', to: prompts[2] });
});
