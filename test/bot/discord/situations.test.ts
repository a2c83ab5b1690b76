/** Where people and pictures meet on Discord: no session yet, session gone, other people's threads and forums. */
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { ChannelType, GatewayDispatchEvents } from 'discord-api-types/v10';
import { ProgressMessages } from '../../../src/bot/progress.js';
import { heic } from '../../support/heic.js';
import { overlay, png, stage, type Stage } from '../../support/discordStage.js';

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

describe('what is refused at the door', () => {
  const answer = (channel: string, to: string) =>
    s.double.until(() => s.double.seen(channel).find((m) => m.message_reference?.message_id === to));

  it('HEIC from a phone, in words, before there is a thread; as a mask too', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    const sent = s.double.say(ada, s.double.channel, s.double.mention, {
      files: [{ name: 'IMG_1.HEIC', bytes: heic }],
    });
    expect((await answer(s.double.channel, sent.id)).content).toMatch(/is HEIC.* send it as JPEG/);
    const asked = s.double.uploadSlash(ada, heic);
    await s.double.until(() => asked.ephemerals.length > 0);
    expect(asked.ephemerals[0]!.content).toContain('send it as JPEG');
    expect(s.double.threads()).toEqual([]);
    s.double.uploadSlash(ada, png);
    const { thread } = await s.next('upload');
    const mask = s.double.say(ada, thread, 'reshape 2', { files: [heic] });
    expect((await answer(thread, mask.id)).content).toContain('send it as JPEG');
    expect(s.events).toHaveLength(1);
  });

  it('other channels and other roles than those that the settings name', async () => {
    s = await stage({ only: { channels: ['99'], roles: [] } });
    const ada = s.double.person('Ada');
    const sent = s.double.say(ada, s.double.channel, s.double.mention, { files: [png] });
    expect((await answer(s.double.channel, sent.id)).content).toBe('dedit is used in <#99> here.');
    const asked = s.double.uploadSlash(ada, png);
    await s.double.until(() => asked.ephemerals.length > 0);
    expect(asked.ephemerals[0]!.content).toBe('dedit is used in <#99> here.');
    expect(s.events).toEqual([]);
    await s.close();

    const roles: string[] = [];
    s = await stage({ only: { channels: [], roles } });
    roles.push(s.double.world.modRole);
    const [bo, mod] = [s.double.person('Bo'), s.double.person('Mo', { moderator: true })];
    const said = s.double.say(bo, s.double.channel, s.double.mention, { files: [png] });
    expect((await answer(s.double.channel, said.id)).content).toMatch(/^Only some roles .*<@&\d+>/);
    const direct = s.double.directChannel(bo);
    const there = s.double.say(bo, direct, 'this', { files: [png] });
    expect((await answer(direct, there.id)).content).toMatch(/begun in the server/);
    s.double.say(mod, s.double.channel, s.double.mention, { files: [png] });
    expect(await s.next('upload')).toMatchObject({ user: mod.id });
  });

  it('what Discord itself refuses: too many threads, a thread that is locked', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    for (const [code, words] of [
      [160006, /as many open threads as Discord allows/],
      [30033, /as many members as Discord allows/],
      [160005, /is locked/],
    ] as const) {
      s.double.fail('POST', /threads$/, 400, { body: { code, message: 'no' } });
      const sent = s.double.say(ada, s.double.channel, s.double.mention, { files: [png] });
      expect((await answer(s.double.channel, sent.id)).content).toMatch(words);
    }
    expect(s.events).toEqual([]);
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

  it('so it does in a post of a forum; what has no threads of its own says so', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    const { world } = s.double;
    const forum = world.addChannel({ type: ChannelType.GuildForum, name: 'ideas', guild_id: world.guild });
    const made = { ...world.channels.get(forum)!, permission_overwrites: [], position: 1 };
    s.double.gateway.dispatch(GatewayDispatchEvents.ChannelCreate, made, world.guild);
    const post = world.addThread(forum, 'my cat', ada.id).id;
    s.double.say(ada, post, `${s.double.mention} hi`, { files: [png] });
    expect(await s.next('upload')).toMatchObject({ thread: post, text: 'hi' });
    const again = s.double.uploadSlash(ada, png, { channel: post });
    await s.double.until(() => again.ephemerals.length > 0);
    expect(again.ephemerals[0]!.content).toContain('has its picture already');
  });

  it('/dedit say in a thread without a picture is told as meant for the bot; in a channel it says where', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    const place = s.double.world.addThread(s.double.channel, 'cats', ada.id).id;
    s.double.saySlash(ada, place, 'remove 2');
    expect(await s.next('say')).toMatchObject({ meant: 'directly', thread: place });
    const elsewhere = s.double.saySlash(ada, s.double.channel, 'remove 2');
    await s.double.until(() => elsewhere.ephemerals.length > 0);
    expect(elsewhere.ephemerals[0]!.content).toContain('no picture of dedit here');
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
    s.double.uploadSlash(s.double.person('Ada'), png);
    const { thread } = await s.next('upload');
    let now = 0;
    const messages = new ProgressMessages(() => now);
    const step = async (step: number) => {
      now += 3000;
      const background = { r: 50 * step, g: 9, b: 9 };
      const preview = await sharp({ create: { width: 48, height: 32, channels: 3, background } })
        .png()
        .toBuffer();
      messages.update('s', { platform: s.bot, thread }, { stage: 'edit', step, of: 4, preview });
    };
    const shown = () => s.double.seen(thread).at(-1);
    await step(0);
    await step(1);
    await s.double.until(() => shown()?.attachments[0]);
    await step(3);
    await s.double.until(() => shown()!.content.startsWith('Editing: 75 %'));
    const picture = s.double.file(shown()!.attachments[0]!.url);
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, data[0]]).toEqual([48, 32, 150]);
    messages.finished('s', 'edit');
    await s.double.until(() => shown()!.attachments.length === 0);
    expect(shown()!.content).toMatch(/^Editing: done in/);
    expect(s.double.seen(thread)).toHaveLength(1);
  });
});
