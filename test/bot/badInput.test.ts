/** What cannot be done is said in a sentence, and the thread is as it was: the next words are done. */
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChat, photo } from '../support/conversation.js';
import { FakeEngine } from '../support/fakeEngine.js';

/** Sees no thing in a picture of this width, only a ground. */
const PLAIN = 21;

class Engine extends FakeEngine {
  override async segment(...[picture, cutting]: Parameters<FakeEngine['segment']>) {
    const seen = await super.segment(picture, cutting);
    const { width } = await sharp(picture).metadata();
    return width === PLAIN ? await this.edit(seen, { kind: 'merge', items: [0, 1, 2, 3] }, {}) : seen;
  }
}

let chat: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => void (chat = await openChat({ fake: new Engine() })), 60_000);
afterAll(() => chat.close());

const origin = (thread: string) => ({ id: randomUUID(), platform: chat.platform.name, thread, user: 'ann' });

/** All that is answered to it, as one text. */
async function told(thread: string, send: () => Promise<unknown>): Promise<string> {
  const before = chat.platform.in(thread).length;
  await send();
  await chat.settled(thread);
  return chat.platform
    .in(thread)
    .slice(before)
    .map(({ text }) => text)
    .join('\n');
}

const say = async (thread: string, text: string) =>
  await told(thread, () => chat.send({ ...origin(thread), kind: 'say', text }));
const show = async (thread: string, attachment: Uint8Array) =>
  await told(thread, () => chat.send({ ...origin(thread), kind: 'say', text: '', attachment }));
const upload = async (thread: string, more: { text?: string } = {}) => {
  const picture = await photo(32, 24);
  return await told(thread, () => chat.send({ ...origin(thread), kind: 'upload', picture, ...more }));
};

const ITEMS = '1 grass, 2 dog, 3 ball, 4 tree';

describe('what goes too far', () => {
  it('is said, and the thread is as it was', async () => {
    await upload('far');
    for (const [text, why] of [
      ['move 2 right 90%', 'item 2 would leave the picture: move it by less'],
      ['move 2 right 400', 'that is out of the picture, which is 32 wide and 24 high'],
      ['copy 2 right 90%', 'the copy of item 2 would lie outside the picture: copy it less far'],
      ['cut out', '"cut out" is not all of it: say for example "cut out 3"'],
      ['cut out 9', 'there is no item 9: the picture has 1 grass'],
      ['cut out the unicorn', 'there is no item "unicorn": say its number'],
    ] as const)
      expect(await say('far', text)).toContain(why);
    expect(await say('far', 'show')).toContain(ITEMS);
    expect(await say('far', 'make 2 red')).toMatch(/^\d: make 2 red$/);
  });

  it('a copy on the edge of the picture is cut off by it, and is an item', async () => {
    await upload('edge');
    expect(await say('edge', 'copy 2 right 30%')).toMatch(/^1: copy 2 right 30%\nNow: .*4 tree, 5 dog\./);
    const { reply } = chat.platform.posts.findLast(
      ({ thread, reply: { kind } }) => thread === 'edge' && kind === 'result',
    )!;
    const { width, height } = await sharp(reply.picture!.png).metadata();
    expect([width, height]).toEqual([32, 24]);
  });
});

it('of an item that covers everything nothing can be taken, moved or kept, and that is said', async () => {
  await upload('all');
  expect(await say('all', 'merge 1, 2, 3 and 4')).toContain('Now: 1 grass.');
  for (const [text, why] of [
    ['remove 1', 'item 1 is the whole picture'],
    ['move 1 left 4', 'item 1 is the whole picture'],
    ['keep only 1', 'that is all there is: there is no other item to take out'],
    ['crop to 1', 'that reaches to all sides of the picture'],
    ['remove the background', 'nothing stands on the background: select a thing first'],
  ] as const)
    expect(await say('all', text)).toContain(`"${text}" could not be done: ${why}`);
  expect(await say('all', 'cut out 1')).toContain('grass, cut out');
  expect(await say('all', 'undo')).toContain('Undone: merge');
  expect(await say('all', 'show')).toContain(ITEMS);
});

describe('a reference', () => {
  it('without items is told to have none; its ground can be taken', async () => {
    await upload('plain');
    expect(await show('plain', await photo(PLAIN, 20))).toMatch(
      /^Reference B: .* I see no thing in it, only a ground/,
    );
    expect(await say('plain', 'replace 2 with B2')).toContain(
      'reference B has no items, I see only a ground in it',
    );
    expect(await say('plain', 'put B1 at the left')).toContain(
      'B1 is all of its picture: name a thing in it',
    );
    expect(await say('plain', 'replace 1 with B1')).toContain(': replace 1 with B1');
  });

  it('the size of a stamp is not blown up; B9 is not there', async () => {
    await upload('stamp');
    await show('stamp', await photo(2, 2));
    expect(await say('stamp', 'put B2 at the left')).toContain('B2 is only 1x1 pixels');
    expect(await say('stamp', 'replace 2 with B9')).toContain('there is no B9: say its number (B1 grass');
    expect(await say('stamp', 'remove 2')).toContain(': remove 2');
  });
});

it('of twenty names the first seven are looked for, and twenty things at once are not done', async () => {
  const names = Array.from({ length: 20 }, (_, i) => `thing ${'abcdefghijklmnopqrst'[i]}`);
  const answer = await upload('names', { text: `items: ${names.join(', ')}` });
  expect(answer).toContain('I look for 7 things at most, and not for what comes after thing g');
  expect(answer).toContain(ITEMS);
  expect(await say('names', `remove ${names.map((_, i) => i + 1).join(', ')}`)).toContain(
    'more than 10 things at once',
  );
  expect(await say('names', `cut out ${names.join(', ')}`)).toContain('those are too many items');
  expect(await say('names', 'remove 2')).toContain('1: remove 2');
});
