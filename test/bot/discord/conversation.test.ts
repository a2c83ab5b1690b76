import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { overlay, png, stage, type Stage } from '../../support/discordStage.js';

let s: Stage;
beforeEach(async () => {
  s = await stage();
});
afterEach(async () => {
  await s.close();
  expect(s.double.problems()).toEqual([]);
  expect(s.log.filter(({ level }) => level === 'error')).toEqual([]);
});

/** A session: Ada's picture in a thread, with the overlay that was posted. */
async function session() {
  const ada = s.double.person('Ada');
  s.double.uploadSlash(ada, png);
  const { thread } = await s.next('upload');
  const id = await s.bot.post(thread, overlay, 'overlay');
  return { ada, thread, id, picture: s.message(thread, id) };
}

describe('/dedit upload', () => {
  it('opens a thread on its answer and tells the picture, the reference and the checkpoint', async () => {
    const ada = s.double.person('Ada');
    const asked = s.double.uploadSlash(
      ada,
      { name: 'cat_on table.png', bytes: png },
      { reference: { name: 'hat.png', bytes: Buffer.from('hat') }, checkpoint: 'pocket' },
    );
    const event = await s.next('upload');
    const [thread] = s.double.threads();
    expect(event).toEqual({
      kind: 'upload',
      id: asked.id,
      platform: 'discord',
      thread: thread!.id,
      user: ada.id,
      moderator: false,
      meant: 'directly',
      picture: new Uint8Array(png),
      references: [new Uint8Array(Buffer.from('hat'))],
      checkpoint: 'pocket',
    });
    expect(thread).toMatchObject({ name: 'dedit: cat on table', parent_id: s.double.channel });
    expect(thread!.id).toBe(asked.original);
    expect(s.double.seen(s.double.channel)).toHaveLength(1);
    expect(asked.acknowledgedAfterMs).toBeLessThan(1000);
  });
  it('in direct messages the channel is the thread', async () => {
    const ada = s.double.person('Ada');
    const channel = s.double.directChannel(ada);
    s.double.uploadSlash(ada, png, { channel });
    expect(await s.next('upload')).toMatchObject({ thread: channel, moderator: false });
    expect(s.double.threads()).toEqual([]);
  });
  it("uses another's thread once, and makes a new one when it is taken", async () => {
    const ada = s.double.person('Ada');
    const place = s.double.world.addThread(s.double.channel, 'cats', ada.id);
    s.double.uploadSlash(ada, png, { channel: place.id });
    expect((await s.next('upload')).thread).toBe(place.id);
    await s.bot.post(place.id, overlay, 'o');
    const again = s.double.uploadSlash(ada, png, { channel: place.id });
    const { thread } = await s.next('upload');
    expect(thread).not.toBe(place.id);
    expect(s.double.threads().find(({ id }) => id === thread)).toMatchObject({ parent_id: s.double.channel });
    expect(s.message(place.id, again.original!).content).toBe(`It goes on in <#${thread}>.`);
  });
  it('makes a new thread in a session’s own', async () => {
    const { ada, thread } = await session();
    s.double.uploadSlash(ada, png, { channel: thread });
    expect((await s.next('upload')).thread).not.toBe(thread);
  });
  it('completes checkpoints', async () => {
    const asked = s.double.complete(s.double.person('Ada'), 'DIFF');
    await s.double.until(() => asked.choices);
    expect(asked.choices).toEqual([{ name: 'stable-diffusion-v1-5', value: 'stable-diffusion-v1-5' }]);
  });
  it('takes no file from elsewhere, and says so to the person alone', async () => {
    const ada = s.double.person('Ada');
    const { base } = s.double.world;
    s.double.world.base = 'http://127.0.0.1:9';
    const asked = s.double.uploadSlash(ada, png);
    s.double.world.base = base;
    const [told] = await s.double.until(() => asked.ephemerals.length > 0 && asked.ephemerals);
    expect(told!.content).toMatch(/only taken from the platform's own servers/);
    expect(s.double.seen(s.double.channel)).toEqual([]);
    expect(s.events).toEqual([]);
  });
});

describe('"Edit with dedit"', () => {
  it('takes the picture of a message, and says when there is none', async () => {
    const [ada, eve] = [s.double.person('Ada'), s.double.person('Eve')];
    const notes = { name: 'notes.txt', bytes: png, type: 'text/plain' };
    const message = s.double.say(eve, s.double.channel, 'look', { files: [notes, png] });
    const asked = s.double.editWith(ada, message);
    expect(await s.next('upload')).toMatchObject({
      id: asked.id,
      user: ada.id,
      picture: new Uint8Array(png),
    });
    const bare = s.double.editWith(ada, s.double.say(eve, s.double.channel, 'words'));
    await s.double.until(() => bare.ephemerals.length === 1);
    expect(bare.ephemerals[0]!.content).toMatch(/has no picture/);
  });
});

describe('words', () => {
  it('typed in a thread of the bot, with the message they reply to and what is attached', async () => {
    const { ada, thread, id } = await session();
    const typed = s.double.say(ada, thread, 'remove 3');
    expect(await s.next('say')).toEqual({
      kind: 'say',
      id: typed.id,
      platform: 'discord',
      thread,
      user: ada.id,
      moderator: false,
      meant: 'perhaps',
      text: 'remove 3',
    });
    s.double.say(ada, thread, 'reshape 2', { replyTo: id, files: [png] });
    expect(await s.next('say')).toMatchObject({
      text: 'reshape 2',
      replyTo: id,
      attachment: new Uint8Array(png),
    });
    const own = s.double.say(ada, thread, 'first');
    await s.next('say');
    s.double.say(ada, thread, 'undo', { replyTo: own });
    expect(await s.next('say')).not.toHaveProperty('replyTo');
  });
  it('moderators are told as such', async () => {
    const { thread } = await session();
    s.double.say(s.double.person('Mod', { moderator: true }), thread, 'undo');
    expect(await s.next('say')).toMatchObject({ moderator: true });
  });
  it('elsewhere, of other bots and of the bot itself, are ignored', async () => {
    const { ada, thread } = await session();
    const foreign = s.double.world.addThread(s.double.channel, 'cats', ada.id);
    s.double.say(ada, foreign.id, 'remove 3');
    s.double.say(ada, s.double.channel, 'remove 3');
    s.double.say(s.double.person('Robot', { bot: true }), thread, 'remove 3');
    await s.settle();
    expect(s.events).toHaveLength(1);
    s.double.say(ada, foreign.id, `${s.double.mention} remove 3`);
    expect(await s.next('say')).toMatchObject({ thread: foreign.id, text: 'remove 3' });
  });
  it('/dedit say is seen by all in the thread, and only there', async () => {
    const { ada, thread } = await session();
    const asked = s.double.saySlash(ada, thread, 'reshape 3 @everyone', png);
    expect(await s.next('say')).toMatchObject({ id: asked.id, thread, attachment: new Uint8Array(png) });
    const seen = s.message(thread, asked.original!);
    expect(seen.content).toContain('reshape 3');
    expect(seen.pings).toEqual([]);
    const astray = s.double.saySlash(ada, s.double.channel, 'undo');
    await s.double.until(() => astray.ephemerals.length === 1);
    expect(astray.ephemerals[0]!.content).toMatch(/no picture of dedit here/);
  });
  it('/dedit help answers the person alone', async () => {
    const asked = s.double.help(s.double.person('Ada'));
    await s.double.until(() => asked.ephemerals.length === 1);
    expect(asked.ephemerals[0]!.content).toContain('/dedit upload');
  });
});

describe('pictures without a command', () => {
  it('a mention with a picture opens a thread on the message', async () => {
    const ada = s.double.person('Ada');
    const sent = s.double.say(ada, s.double.channel, `${s.double.mention} please`, { files: [png] });
    expect(await s.next('upload')).toMatchObject({ id: sent.id, thread: sent.id, user: ada.id });
  });
  it('in direct messages a picture alone is one to edit, with words it is a mask', async () => {
    const ada = s.double.person('Ada');
    const channel = s.double.directChannel(ada);
    s.double.say(ada, channel, '', { files: [png] });
    expect(await s.next('upload')).toMatchObject({ thread: channel });
    s.double.say(ada, channel, 'reshape 1', { files: [png] });
    expect(await s.next('say')).toMatchObject({ thread: channel, text: 'reshape 1' });
  });
});

describe('buttons, menus, forms', () => {
  it('a button says its words as a reply to its message', async () => {
    const { ada, thread, id, picture } = await session();
    expect(s.double.labels(picture)).toEqual(['Undo', 'Again']);
    const asked = s.double.press(ada, picture, 'Again');
    expect(await s.next('say')).toEqual({
      kind: 'say',
      id: asked.id,
      platform: 'discord',
      thread,
      user: ada.id,
      moderator: false,
      meant: 'directly',
      text: 'again',
      replyTo: id,
    });
    expect(asked.ephemerals).toEqual([]);
  });
  it('an item of the menu is removed', async () => {
    const { ada, id, picture } = await session();
    const chosen = s.double.pick(ada, picture, '3 table');
    const [menu] = await s.double.until(() => chosen.ephemerals.length > 0 && chosen.ephemerals);
    s.double.press(ada, menu!, 'Remove');
    expect(await s.next('say')).toMatchObject({ text: 'remove 3', replyTo: id });
    expect(menu!.components).toEqual([]);
  });
  it('an item that is chosen is seen, with everything that can be done to it', async () => {
    const item = await sharp({ create: { width: 9, height: 7, channels: 4, background: '#ff000080' } })
      .png()
      .toBuffer();
    const asked: unknown[] = [];
    await s.close();
    s = await stage({
      showItem: async (...what) => {
        asked.push(what);
        return { name: '*table*', png: item };
      },
    });
    const { ada, thread, id, picture } = await session();
    const chosen = s.double.pick(ada, picture, '3 table');
    const [menu] = await s.double.until(() => chosen.ephemerals.length > 0 && chosen.ephemerals);
    expect(asked).toEqual([[thread, id, 3]]);
    expect(menu!.content).toBe('What about item 3, \\*table\\*?');
    expect(s.double.file(menu!.attachments[0]!.url)).toEqual(item);
    expect(s.double.labels(menu!)).toEqual([
      ...['Replace…', 'Change…', 'Move…', 'Remove', 'Cut out', 'Copy…', 'Reshape'],
    ]);
    s.double.press(ada, menu!, 'Cut out');
    expect(await s.next('say')).toMatchObject({ text: 'cut out 3', replyTo: id });
  });
  it('words for an item are asked for in a form', async () => {
    const { ada, thread, id, picture } = await session();
    const chosen = s.double.pick(ada, picture, '2 bowl');
    const [menu] = await s.double.until(() => chosen.ephemerals.length > 0 && chosen.ephemerals);
    const form = s.double.press(ada, menu!, 'Replace…');
    await s.double.until(() => form.modal);
    const sent = s.double.submit(ada, form, ' a *golden* retriever ');
    expect(await s.next('say')).toMatchObject({
      id: sent.id,
      thread,
      text: 'replace 2 with a *golden* retriever',
      replyTo: id,
    });
    expect(menu!.content).toBe('💬 replace 2 with a \\*golden\\* retriever');
  });
});

describe('reactions', () => {
  it('on a picture of the bot, the same twice with the same id', async () => {
    const { ada, thread, id, picture } = await session();
    s.double.react(ada, picture, '3️⃣');
    const event = await s.next('react');
    expect(event).toEqual({
      kind: 'react',
      id: `${id}:${ada.id}:3️⃣`,
      platform: 'discord',
      thread,
      user: ada.id,
      moderator: false,
      meant: 'perhaps',
      emoji: '3️⃣',
      message: id,
    });
    s.double.react(ada, picture, '3️⃣');
    expect((await s.next('react')).id).toBe(event.id);
    s.double.react(s.double.person('Mod', { moderator: true }), picture, '↩️');
    const other = await s.next('react');
    expect(other.id).not.toBe(event.id);
    expect(other.moderator).toBe(true);
  });
  it('of bots, with a server’s own emoji or on others’ messages are ignored', async () => {
    const { ada, thread, picture } = await session();
    s.double.react(s.double.world.bot, picture, '3️⃣');
    s.double.react(s.double.person('Robot', { bot: true }), picture, '3️⃣');
    s.double.react(ada, picture, 'party', '123456789');
    const typed = s.double.say(ada, thread, 'undo');
    await s.next('say');
    s.double.react(ada, typed, '3️⃣');
    await s.settle();
    expect(s.events.filter(({ kind }) => kind === 'react')).toEqual([]);
  });
});
