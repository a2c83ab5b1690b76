import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/engine/errors.js';
import { openChat } from '../support/conversation.js';
import { dying, FakeEngine } from '../support/fakeEngine.js';

let chat: Awaited<ReturnType<typeof openChat>>;
let thread = 0;

beforeAll(async () => {
  chat = await openChat();
}, 30_000);
afterAll(() => chat.close());

/** A new thread with its picture cut. */
async function begin(): Promise<string> {
  const name = `thread-${thread++}`;
  await chat.upload(name);
  await chat.settled(name);
  return name;
}

describe('a conversation', () => {
  it('reads words before the transaction that acts on them', async () => {
    const t = await begin();
    const { sessions } = chat.dedit;
    const { once } = sessions;
    const { exec } = RegExp.prototype;
    const looks = { before: 0, within: 0 };
    let within = false;
    RegExp.prototype.exec = function (this: RegExp, text: string) {
      if (text.includes('zebra')) looks[within ? 'within' : 'before']++;
      return exec.call(this, text);
    };
    sessions.once = async (event, work) => {
      within = true;
      return (await once.call(sessions, event, work).finally(() => (within = false))) as never;
    };
    try {
      await chat.say('replace 2 with a zebra', { thread: t });
    } finally {
      RegExp.prototype.exec = exec;
      delete (sessions as Partial<typeof sessions>).once;
    }
    expect(looks.before).toBeGreaterThan(10);
    expect(looks.within).toBe(0);
    await chat.settled(t);
  });

  it('reads them again where the picture has changed meanwhile', async () => {
    const t = await begin();
    const { sessions } = chat.dedit;
    const { once } = sessions;
    sessions.once = async (event, work) => {
      delete (sessions as Partial<typeof sessions>).once;
      await chat.say('rename 2 zebra', { thread: t });
      return (await once.call(sessions, event, work)) as never;
    };
    await chat.say('remove the zebra', { thread: t });
    await chat.settled(t);
    expect(chat.platform.in(t).map(({ text }) => text)).toContain('1: remove the zebra');
  });

  it('answers a picture with its numbered items', async () => {
    const t = await begin();
    const [overlay] = chat.platform.in(t);
    expect(overlay).toMatchObject({ kind: 'overlay', items: [{ number: 1, name: 'grass' }, {}, {}, {}] });
    expect(overlay!.text).toContain('1 grass, 2 dog, 3 ball, 4 tree');
    expect((await sharp(overlay!.picture!.png).metadata()).width).toBe(32);
  });

  it('edits, and the numbers of one message are those the person saw', async () => {
    const t = await begin();
    const replies = await chat.ask('remove 2, then replace 3 with a cat', { thread: t });
    expect(replies.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'result 1: remove 2',
      'result 2: replace 3 with a cat',
      'overlay Now: 1 grass, 2 cat, 3 tree.',
    ]);
    expect(replies[1]!.items!.map(({ name }) => name)).toEqual(['grass', 'cat', 'tree']);
  });

  it('takes words that are cut within an emoji, and halves of one', async () => {
    const t = await begin();
    const drawn = await chat.ask(`replace 2 with ${'a'.repeat(39)}🐶`, { thread: t });
    expect(drawn[0]!.items![1]!.name).toBe(`${'a'.repeat(39)}🐶`);
    const renamed = await chat.ask('rename 3 to hat\uD83D', { thread: t });
    expect(renamed.at(-1)!.text).toContain('hat');
    expect((await chat.ask('wibble \uDC36', { thread: t }))[0]!.kind).toBe('refusal');
  });

  it('goes back and forth', async () => {
    const t = await begin();
    await chat.ask('remove 2', { thread: t });
    const [undone] = await chat.ask('undo', { thread: t });
    expect(undone!.items).toHaveLength(4);
    const [redone] = await chat.ask('redo', { thread: t });
    expect(redone!.items).toHaveLength(3);
    expect((await chat.ask('redo', { thread: t }))[0]).toMatchObject({ kind: 'refusal' });
  });

  it('knows what "it" and "more" are, and takes back a misunderstanding', async () => {
    const t = await begin();
    const said = async (text: string) => (await chat.ask(text, { thread: t }))[0]?.text;
    const done = () => (chat.engine as FakeEngine).edits.at(-1);
    expect(await said('make it red')).toContain('which item is "it"?');
    expect(await said('the ball')).toBe('1: make the ball red');
    await said('move it left 4');
    expect(done()).toMatchObject({ kind: 'move', item: 2, dx: -4 });
    await said('a bit more');
    expect(done()).toMatchObject({ kind: 'move', item: 2, dx: -2 });
    await said('no, the dog');
    expect(done()).toMatchObject({ kind: 'move', item: 1, dx: -2 });
    expect((await chat.ask('history', { thread: t }))[0]!.text).toMatch(/no, the dog/);
    expect(await said('remove it')).toContain('which item is "it"?');
    expect(await said('start over')).toContain('Back at the picture as it came');
    expect(await said('I meant the tree')).toContain('what about item 4?');
    expect(await said('2')).toContain('what about "2"?');
  });

  it('an answer is one as long as nothing else was told, and from who was asked', async () => {
    const t = await begin();
    const ask = async (text: string, user = 'ann') => (await chat.ask(text, { thread: t, user }))[0]!.text;
    await ask('remove it');
    expect(await ask('3', 'bob')).toContain('what about "3"?');
    await ask('remove it');
    await ask('status');
    expect(await ask('3')).toContain('what about "3"?');
    await ask('remove it, then seed 7');
    expect((await chat.ask('3', { thread: t })).map(({ text }) => text)).toEqual(
      expect.arrayContaining(['1: remove 3', 'From now on: seed 7.']),
    );
  });

  it('goes on from an older picture that is answered: the history is a tree', async () => {
    const t = await begin();
    const first = chat.platform.last(t).id;
    await chat.ask('remove 2', { thread: t });
    const [branch] = await chat.ask('remove 4', { thread: t, replyTo: first });
    expect(branch!.items!.map(({ name }) => name)).toEqual(['grass', 'dog', 'ball']);
    const [history] = await chat.ask('history', { thread: t });
    expect(history!.text).toBe('  0: upload\n    1: remove 2\n→   2: remove 4');
  });

  it('takes a reaction for a removal, once, however often it is told', async () => {
    const t = await begin();
    const message = chat.platform.last(t).id;
    const event = {
      id: 'r1',
      platform: 'web',
      thread: t,
      user: 'ann',
      kind: 'react',
      emoji: '3️⃣',
      message,
    } as const;
    await Promise.all([chat.send(event), chat.send(event), chat.send(event)]);
    await chat.settled(t);
    const results = chat.platform.in(t).filter(({ kind }) => kind === 'result');
    expect(results).toHaveLength(1);
    expect(results[0]!.items!.map(({ name }) => name)).toEqual(['grass', 'dog', 'tree']);
  });

  it('draws again with other seeds, side by side, and goes on from the chosen one', async () => {
    const t = await begin();
    await chat.ask('replace 2 with a cat', { thread: t });
    const replies = await chat.ask('again 4', { thread: t });
    expect(replies.map(({ kind }) => kind)).toEqual(['strip']);
    expect((chat.engine as FakeEngine).batches).toEqual([4]);
    expect((await sharp(replies[0]!.picture!.png).metadata()).width).toBe(4 * 32);
    const [chosen] = await chat.ask('use 3', { thread: t });
    expect(chosen!.kind).toBe('overlay');
    expect((await chat.ask('use 9', { thread: t }))[0]!.text).toContain('1 to 4');
  });

  it('says which pictures of a strip are rough, and that one is blurred', async () => {
    const fake = new FakeEngine();
    const all = fake.variants.bind(fake);
    fake.variants = async (...asked) =>
      (await all(...asked)).map((one, i) => ({
        ...one,
        ...(i > 0 ? { rough: true as const } : {}),
        ...(i === 1 ? { blurred: true as const } : {}),
      }));
    const rough = await openChat({ fake });
    await rough.upload();
    await rough.settled();
    await rough.ask('replace 2 with a cat');
    const { text } = (await rough.ask('again 3'))[0]!;
    expect(text).toMatch(/^1 seed \d+, 2 seed \d+ \(rough, blurred\), 3 seed \d+ \(rough\)\. Say "use 1"/);
    expect(text).toMatch(/This is a rough drawing: .*\nThe checkpoint's own safety checker/);
    await rough.close();
  });

  it('adds a part to what several replacements made by doing them again with it', async () => {
    const t = await begin();
    await chat.ask('replace 2 with a fox and 3 with a cup', { thread: t });
    await chat.ask('add the handle to 3', { thread: t });
    const session = (await chat.dedit.sessions.views.inThread(chat.platform.name, t))!;
    const [root, , added] = await chat.dedit.sessions.views.revisions(session.id);
    expect(added).toMatchObject({ parentId: root!.id });
    expect(added!.edit).toMatchObject({ kind: 'onFound', into: 2, then: { kind: 'together' } });
  });

  it('shows what there is of a strip when one of its pictures cannot be drawn', async () => {
    const broken = await openChat({
      fake: new FakeEngine({
        onEdit: (edit) => {
          if (edit.kind === 'blend' && edit.amount === 1) throw new UserError('no such thing');
        },
      }),
    });
    await broken.upload();
    await broken.settled();
    const replies = await broken.ask('blend 2 with a cat 0-100 in 3');
    expect(replies.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'refusal "100%" could not be done: no such thing',
      'strip 1 0%, 2 50%. Say "use 1" to go on from the first.',
    ]);
    await broken.close();
  });

  it('remembers settings', async () => {
    const t = await begin();
    await chat.ask('seed 7', { thread: t });
    await chat.ask('remove 2', { thread: t });
    const session = await chat.dedit.sessions.prisma.session.findFirstOrThrow({ where: { thread: t } });
    const revision = await chat.dedit.sessions.prisma.revision.findFirstOrThrow({
      where: { sessionId: session.id, number: 1 },
    });
    expect(revision.options).toEqual({ seed: 7 });
  });

  it('refuses in a sentence that says what to do', async () => {
    const t = await begin();
    for (const [said, answer] of [
      ['remove 9', /there is no item 9/],
      ['flurble the wug', /say/],
      ['undo', /nothing to undo/],
      ['again', /no edit to do again/],
    ] as const)
      expect((await chat.ask(said, { thread: t })).at(-1)).toMatchObject({
        kind: 'refusal',
        text: expect.stringMatching(answer) as string,
      });
  });

  it('says what is wrong with a picture, and takes the next one in the same thread', async () => {
    await chat.upload('bad', 'ann', Buffer.from('not a picture'));
    await chat.settled('bad');
    expect(chat.platform.in('bad').at(-1)!.text).toContain('not a picture');
    await chat.upload('bad');
    await chat.settled('bad');
    expect(chat.platform.in('bad').at(-1)!.kind).toBe('overlay');
  });

  it('lets nobody but its owner or a moderator undo, cancel or forget', async () => {
    const t = await begin();
    await chat.ask('remove 2', { thread: t });
    expect((await chat.ask('undo', { thread: t, user: 'eve' }))[0]).toMatchObject({ kind: 'refusal' });
    await chat.send({
      id: randomUUID(),
      platform: 'web',
      thread: t,
      user: 'mod',
      moderator: true,
      kind: 'say',
      text: 'undo',
    });
    await chat.settled(t);
    expect(chat.platform.in(t).at(-1)!.items).toHaveLength(4);
  });

  it('forgets everything', async () => {
    const t = await begin();
    const session = await chat.dedit.sessions.prisma.session.findFirstOrThrow({ where: { thread: t } });
    const root = await chat.dedit.sessions.prisma.revision.findFirstOrThrow({
      where: { sessionId: session.id },
    });
    await chat.ask('forget', { thread: t });
    expect(await chat.dedit.sessions.prisma.revision.count({ where: { sessionId: session.id } })).toBe(0);
    await expect(chat.dedit.sessions.blobs.get(root.pictureKey!)).rejects.toThrow();
    await expect.poll(() => chat.platform.in(t).at(-1)!.text).toContain('Forgotten');
  });

  it('compares and exports', async () => {
    const t = await begin();
    await chat.ask('remove 2', { thread: t });
    const [compare] = await chat.ask('compare', { thread: t });
    expect((await sharp(compare!.picture!.png).metadata()).width).toBe(64);
    const [exported] = await chat.ask('export', { thread: t });
    expect(exported!.files!.map(({ name }) => name)).toEqual(['overlay.png', 'labels.png', 'items.json']);
  });

  it('says that the picture is still being cut when words come before the numbers', async () => {
    const slow = new FakeEngine();
    const cut = slow.segment.bind(slow);
    slow.segment = async (picture) => await sleep(500).then(() => cut(picture));
    const early = await openChat({ fake: slow });
    await early.upload();
    await early.say('remove 2');
    await early.settled();
    expect(early.platform.in('t').map(({ text }) => text)).toContainEqual(
      expect.stringContaining('still being cut'),
    );
    await early.close();
  });

  it('ignores words in threads it has no picture of', async () => {
    const { prisma } = chat.dedit.sessions;
    const before = await prisma.event.count();
    await chat.say('remove 2', { thread: 'elsewhere' });
    expect(await prisma.event.count()).toBe(before);
    expect(chat.platform.in('elsewhere')).toEqual([]);
  });

  it('keeps to a daily share', async () => {
    const small = await openChat({ quotas: { uploadsPerDay: 1, editsPerDay: 1 } });
    await small.upload();
    await small.settled();
    // what names nothing in the picture is no edit
    expect((await small.ask('remove the necklace'))[0]!.text).toContain('I see no necklace');
    expect((await small.ask('remove 2'))[0]!.kind).toBe('result');
    expect((await small.ask('remove 2'))[0]).toMatchObject({ kind: 'refusal' });
    await small.upload('other');
    await small.settled('other');
    expect(small.platform.in('other').at(-1)!.text).toContain('more than 1 pictures today');
    await small.close();
  });
});

it('a flood is told once that it is one, and a minute later is heard again', async () => {
  const calm = await openChat({ messagesPerMinute: 3 });
  await calm.upload();
  await calm.settled();
  for (let i = 0; i < 20; i++) await calm.say('status');
  await calm.say('status', { user: 'bob' });
  await calm.settled();
  const texts = calm.platform.in('t').map(({ text }) => text);
  expect(texts.filter((text) => text.includes('a lot at once'))).toHaveLength(1);
  // two of ann's three (the picture was one), and bob's
  expect(texts.filter((text) => !text.includes('a lot at once') && !text.includes('I see'))).toHaveLength(3);
  await calm.close();
});

describe('faults', () => {
  it('a disk that is full is said to who sent the picture, and the next one is taken', async () => {
    const full = await openChat();
    const { blobs } = full.dedit.sessions;
    const put = blobs.put.bind(blobs);
    blobs.put = async () => {
      throw new UserError('the disk of this bot is full');
    };
    await full.upload();
    expect(full.platform.in('t')).toMatchObject([{ kind: 'refusal', text: 'the disk of this bot is full' }]);
    blobs.put = put;
    await full.upload();
    await full.settled();
    expect(full.platform.in('t').at(-1)!.kind).toBe('overlay');
    await full.close();
  });

  it('an engine that dies is tried again; what cannot be done is said, and the next edit goes on', async () => {
    const once = await openChat({ fake: dying([0]) });
    await once.upload();
    await once.settled();
    expect((await once.ask('remove 2')).map(({ kind }) => kind)).toEqual(['result', 'overlay']);
    await once.close();

    let calls = 0;
    const always = await openChat({
      fake: new FakeEngine({
        onEdit: (edit) => {
          if (edit.kind === 'remove') throw new Error(`boom ${calls++}`);
        },
      }),
    });
    await always.upload();
    await always.settled();
    const replies = await always.ask('remove 2, then replace 3 with a cat');
    expect(replies.map(({ kind }) => kind)).toEqual(['refusal', 'result', 'overlay']);
    expect(calls).toBe(3);
    await always.close();
  }, 30_000);

  it('a reply that cannot be sent is sent later, alone: the edit is done once', async () => {
    const flaky = await openChat();
    await flaky.upload();
    await flaky.settled();
    let refusals = 2;
    flaky.platform.fault = () => (refusals-- > 0 ? new Error('503') : undefined);
    expect((await flaky.ask('remove 2')).map(({ kind }) => kind)).toEqual(['result', 'overlay']);
    expect((flaky.engine as FakeEngine).edits).toHaveLength(1);
    await flaky.close();
  }, 30_000);

  it('cancel stops what runs and what waits', async () => {
    const slow = await openChat({ fake: new FakeEngine({ editMs: 60_000 }) });
    await slow.upload();
    await slow.settled();
    await slow.say('remove 2, then remove 3');
    await expect.poll(() => (slow.engine as FakeEngine).running, { timeout: 5000 }).toBe(1);
    await slow.ask('cancel');
    await expect.poll(() => (slow.engine as FakeEngine).running, { timeout: 5000 }).toBe(0);
    expect(slow.platform.in('t').at(-1)!.text).toBe('Cancelled.');
    expect((slow.engine as FakeEngine).edits).toEqual([]);
    await slow.close();
  }, 30_000);

  it('what was said before a stop is done after the next start, and told once', async () => {
    const first = await openChat({ fake: new FakeEngine({ editMs: 60_000 }) });
    await first.upload();
    await first.settled();
    await first.say('remove 2');
    await expect.poll(() => (first.engine as FakeEngine).running, { timeout: 5000 }).toBe(1);
    await first.dedit.close();
    const second = await openChat({ dataDir: first.dataDir });
    await second.settled();
    expect(second.platform.in('t').map(({ kind }) => kind)).toEqual(['result', 'overlay']);
    await second.close();
  }, 30_000);

  it('the same words give the same picture', async () => {
    const t = await begin();
    const [one] = await chat.ask('replace 2 with a cat', { thread: t });
    await chat.ask('undo', { thread: t });
    const [two] = await chat.ask('replace 2 with a cat', { thread: t });
    expect(Buffer.compare(Buffer.from(one!.picture!.png), Buffer.from(two!.picture!.png))).toBe(0);
  });
});
