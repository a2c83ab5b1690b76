import { afterEach, expect, it } from 'vitest';
import type { EnginePart } from '../../src/app/dedit.js';
import { openChat } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

let chat: Awaited<ReturnType<typeof openChat>>;
afterEach(() => chat.close());

class Counting extends FakeEngine {
  cuts = 0;
  broken = false;
  override async segment(...call: Parameters<FakeEngine['segment']>) {
    this.cuts++;
    if (this.broken) throw new Error('it does not start');
    return await super.segment(...call);
  }
}

const open = async (broken = false) => {
  const engines = { pixels: new Counting(), checkpoint: new Counting() };
  engines.pixels.broken = broken;
  chat = await openChat({ warm: true, engine: (_: string, part: EnginePart) => engines[part] });
  await expect.poll(() => engines.pixels.cuts).toBe(1);
  return engines;
};

it('what cuts pictures has cut one before anybody sent one, and nobody hears of it', async () => {
  const { checkpoint } = await open();
  expect(checkpoint.cuts).toBe(0);
  expect(chat.platform.posts).toEqual([]);
  await chat.upload();
  await chat.settled();
  expect(chat.platform.in('t').map(({ kind }) => kind)).toEqual(['overlay']);
});

it('what does not start says so to whoever sends a picture, not before', async () => {
  const { pixels } = await open(true);
  expect(chat.platform.posts).toEqual([]);
  pixels.broken = false;
  await chat.upload();
  await chat.settled();
  expect(chat.platform.in('t').map(({ kind }) => kind)).toEqual(['overlay']);
});
