/** Where people and pictures meet on Discord: no session yet, session gone, other people's threads and forums. */
import { afterEach, describe, expect, it } from 'vitest';
import { overlay, png, stage, type Stage } from './setup.js';

let s: Stage;
afterEach(async () => {
  expect(s.double.problems()).toEqual([]);
  await s.close();
});

describe('at first contact', () => {
  it('direct messages reach the bot as meant for it: words, help, /dedit say', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    const channel = s.double.directChannel(ada);
    s.double.say(ada, channel, 'hello');
    expect(await s.next('say')).toMatchObject({ text: 'hello', meant: 'directly', thread: channel });
    s.double.say(ada, channel, 'help');
    expect(await s.next('say')).toMatchObject({ text: 'help', meant: 'directly' });
    s.double.saySlash(ada, channel, 'remove 2');
    expect(await s.next('say')).toMatchObject({ text: 'remove 2', meant: 'directly' });
  });

  it('a picture with words is a picture with a caption; with a picture there, "reshape 2" is a mask', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    const channel = s.double.directChannel(ada);
    s.double.say(ada, channel, 'remove the panda', { files: [png] });
    expect(await s.next('upload')).toMatchObject({ text: 'remove the panda', thread: channel });
    s.double.say(ada, channel, 'reshape 2', { files: [png] });
    expect(await s.next('say')).toMatchObject({ text: 'reshape 2', attachment: new Uint8Array(png) });
    s.double.say(ada, channel, 'and this one', { files: [png] });
    expect(await s.next('upload')).toMatchObject({ text: 'and this one' });
  });

  it('whoever sends a picture is a member of its thread', async () => {
    s = await stage();
    const [ada, bo] = [s.double.person('Ada'), s.double.person('Bo')];
    s.double.uploadSlash(ada, png);
    const { thread } = await s.next('upload');
    s.double.say(bo, s.double.channel, `${s.double.mention} remove 2`, { files: [png] });
    const mentioned = await s.next('upload');
    expect(mentioned).toMatchObject({ text: 'remove 2' });
    expect([...s.double.world.members.get(thread)!]).toEqual([ada.id]);
    expect([...s.double.world.members.get(mentioned.thread)!]).toEqual([bo.id]);
  });

  it('a forwarded picture is one', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    s.double.say(ada, s.double.directChannel(ada), '', { forwards: [png] });
    expect(await s.next('upload')).toMatchObject({ picture: new Uint8Array(png) });
  });
});

describe("other people's threads", () => {
  it('a mention with a picture begins there', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    const place = s.double.world.addThread(s.double.channel, 'cats', ada.id);
    s.double.say(ada, place.id, `${s.double.mention} hi`, { files: [png] });
    expect(await s.next('upload')).toMatchObject({ thread: place.id, text: 'hi' });
    s.double.say(ada, place.id, `${s.double.mention} reshape 2`, { files: [png] });
    expect(await s.next('say')).toMatchObject({ thread: place.id, attachment: new Uint8Array(png) });
  });

  it('a thread that hangs on the message already is used', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    s.double.world.slowFileMs = 150;
    const message = s.double.say(ada, s.double.channel, s.double.mention, { files: [png] });
    s.double.world.addThread(s.double.channel, 'first', ada.id, message.id);
    expect((await s.next('upload')).thread).toBe(message.id);
  });
});

describe('a thread of the bot without a picture', () => {
  it('its words, presses and reactions are told as meant for the bot, and a picture begins anew', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    const thread = s.double.world.addThread(s.double.channel, 'dedit: gone', s.double.world.bot.id).id;
    const old = s.message(thread, await s.bot.post(thread, overlay, 'old'));
    s.double.say(ada, thread, 'remove 2');
    expect(await s.next('say')).toMatchObject({ meant: 'perhaps' });
    s.double.press(ada, old, 'Undo');
    expect(await s.next('say')).toMatchObject({ meant: 'directly', text: 'undo' });
    s.double.react(ada, old, '2️⃣');
    expect(await s.next('react')).toMatchObject({ meant: 'perhaps' });
    s.double.say(ada, thread, '', { files: [png] });
    expect(await s.next('upload')).toMatchObject({ thread });
  });
});

describe('a picture forming', () => {
  it('is seen in the message that tells how far the work is, and decodes', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    s.double.uploadSlash(ada, png);
    const { thread } = await s.next('upload');
    const id = await s.bot.post(thread, { kind: 'progress', text: 'Editing: 10 %' }, 'p');
    expect(s.message(thread, id).attachments).toEqual([]);
    await s.bot.update(thread, id, {
      kind: 'preview',
      text: 'Editing: 50 %',
      picture: { name: 'preview.png', png, alt: 'the picture forming' },
    });
    const { attachments, content } = s.message(thread, id);
    expect(content).toBe('Editing: 50 %');
    expect(s.double.file(attachments[0]!.url)).toEqual(png);
    await s.bot.update(thread, id, { kind: 'progress', text: 'Editing: done in 5 s' });
    expect(s.message(thread, id).attachments).toEqual([]);
  });
});
