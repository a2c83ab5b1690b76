import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SlackPlatform } from '../../../src/bot/slack/platform.js';
import { Dedit } from '../../../src/app/dedit.js';
import { photo } from '../../support/conversation.js';
import { FakeEngine } from '../../support/fakeEngine.js';
import { callback, type SlackTown } from '../../support/slack.js';
import { stage, type Stage } from './stage.js';

let s: Stage;
let town: SlackTown;
beforeAll(async () => {
  s = await stage();
  ({ town } = s);
}, 30_000);
afterAll(() => s.close());
beforeEach(() => s.reset());

const pictures = (thread: string) => town.thread(thread).then((all) => all.filter(({ hasFile }) => hasFile));

describe('requests', () => {
  it('that are forged or stale are refused', async () => {
    const body = JSON.stringify(callback(await town.message()));
    expect((await town.send(body, 'application/json', { secret: 'another' })).status).toBe(401);
    const old = Math.floor(Date.now() / 1000) - 6 * 60;
    expect((await town.send(body, 'application/json', { at: old })).status).toBe(401);
    await s.quiet();
  });
  it('that are replayed, byte for byte, are acted on once', async () => {
    s.talked = () => true;
    const root = await town.message();
    const body = JSON.stringify(callback(await town.message({ thread_ts: root.ts, text: 'remove 2' })));
    const at = Math.floor(Date.now() / 1000);
    for (let i = 0; i < 3; i++) expect((await town.send(body, 'application/json', { at })).status).toBe(200);
    await s.next('say');
    await s.quiet();
  });
  it('that are replayed to a bot that has forgotten leave one row', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'dedit-slack-'));
    const dedit = await Dedit.open({
      ...{ dataDir: dir, sync: false, checkpoints: ['pocket'], engine: () => new FakeEngine() },
    });
    const files = [await town.file(await photo(64, 48))];
    const event = await town.message({ type: 'app_mention', text: `<@${town.self}>`, files });
    for (let i = 0; i < 2; i++) {
      const port = 20_000 + Math.floor(Math.random() * 20_000);
      const bot = new SlackPlatform({ ...town.options, port });
      await bot.start(
        (told) => dedit.conversation.handle(told),
        async (thread) => (await dedit.sessions.views.inThread('slack', thread)) !== undefined,
      );
      const sent = town.send.call({ options: { port } } as never, JSON.stringify(callback(event)));
      expect((await sent).status).toBe(200);
      await bot.stop();
    }
    expect(await dedit.sessions.prisma.event.count()).toBe(1);
    expect(await dedit.sessions.prisma.session.count()).toBe(1);
    await dedit.close();
    rmSync(dir, { recursive: true });
  });
});

describe('a mention', () => {
  it('with a picture is an upload, in a thread of that message', async () => {
    const picture = await photo();
    const files = [await town.file(picture)];
    const event = await town.message({ type: 'app_mention', text: `<@${town.self}>`, files });
    expect((await town.event(event)).status).toBe(200);
    const told = await s.next('upload');
    expect(told).toMatchObject({ user: town.ann, thread: `${town.channel}:${event.ts}` });
    expect(Buffer.compare(Buffer.from(told.picture), Buffer.from(picture))).toBe(0);
  });
  it('that comes as two events is acted on once, and fetched once', async () => {
    const file = await town.file(await photo());
    const event = await town.message({ text: `<@${town.self}>`, files: [file] });
    await Promise.all([
      town.event({ ...event, type: 'app_mention' }),
      town.event({ ...event, type: 'message', subtype: 'file_share', channel_type: 'channel' }),
    ]);
    await s.next('upload');
    await s.quiet();
    expect(town.proxy.calls.filter(({ method }) => method.includes(`files-pri/${file.id}`))).toHaveLength(1);
  });
  it('whose first event lacks the files does not lose them', async () => {
    const event = await town.message({ text: `<@${town.self}>` });
    await town.event({ ...event, type: 'app_mention' });
    await expect.poll(() => town.whispers().length).toBe(1);
    const files = [await town.file(await photo())];
    await town.event({ ...event, subtype: 'file_share', files });
    await s.next('upload');
  });
  it('in a thread is heard where no other words are', async () => {
    const root = await town.message();
    await town.bot.post(`${town.channel}:${root.ts}`, { kind: 'note', text: 'mine' }, 'mine-1');
    const text = `<@${town.self}> remove 2`;
    const said = await town.message({ type: 'app_mention', thread_ts: root.ts, text });
    await town.event(said);
    expect(await s.next('say')).toMatchObject({ text: 'remove 2', thread: `${town.channel}:${root.ts}` });
  });
  it('without words asks for help in a thread of ours, and is told what to do elsewhere', async () => {
    const mine = await town.message();
    await town.bot.post(`${town.channel}:${mine.ts}`, { kind: 'note', text: 'mine' }, 'mine-2');
    const text = `<@${town.self}>`;
    await town.event(await town.message({ type: 'app_mention', thread_ts: mine.ts, text }));
    expect(await s.next('say')).toMatchObject({ text: 'help' });
    const other = await town.message();
    await town.event(await town.message({ type: 'app_mention', thread_ts: other.ts, text }));
    expect(await s.next('say')).toMatchObject({ text: 'help', meant: 'directly' });
    await town.event(await town.message({ type: 'app_mention', text }));
    await expect.poll(() => town.whispers()).toHaveLength(1);
    expect(town.whispers()[0]).toContain('Send a picture');
    await s.quiet();
  });
  it('with a picture in a thread of others begins there', async () => {
    const root = await town.message();
    const files = [await town.file(await photo())];
    const text = `<@${town.self}> this one`;
    await town.event(await town.message({ type: 'app_mention', thread_ts: root.ts, text, files }));
    expect(await s.next('upload')).toMatchObject({ thread: `${town.channel}:${root.ts}` });
  });
  it('with a file that is no picture says so', async () => {
    const file = { ...(await town.file(Buffer.from('%PDF-'), 'a.pdf')), mimetype: 'application/pdf' };
    await town.event(await town.message({ type: 'app_mention', text: `<@${town.self}>`, files: [file] }));
    await expect.poll(() => town.whispers()).toEqual([expect.stringContaining('no picture I know')]);
    await s.quiet();
  });
});

describe('words in threads', () => {
  it('are heard, once however often they are told, and not its own or those of bots', async () => {
    s.talked = () => true;
    const root = await town.message();
    const said = await town.message({ thread_ts: root.ts, text: 'replace 3 &amp; go' });
    await town.event(said);
    await town.event(said);
    await town.event({ ...said, user: town.self });
    await town.event({ ...said, bot_id: 'B1' });
    await town.event({ ...said, type: 'app_mention', ts: '9.9', bot_id: 'B1' });
    expect(await s.next('say')).toMatchObject({
      id: `${town.channel}-${said.ts}`,
      text: 'replace 3 & go',
      thread: `${town.channel}:${root.ts}`,
    });
    await s.quiet();
  });
  it('are heard when they are sent to the channel too, not when they are edited or deleted', async () => {
    s.talked = () => true;
    const root = await town.message();
    const said = await town.message({ thread_ts: root.ts, text: 'undo' });
    await town.event({ ...said, subtype: 'message_changed', message: said });
    await town.event({ ...said, subtype: 'message_deleted' });
    await town.event({ ...said, subtype: 'thread_broadcast' });
    expect(await s.next('say')).toMatchObject({ text: 'undo' });
    await s.quiet();
  });
  it('outside threads are nobody’s business, except in direct messages', async () => {
    await town.event(await town.message({ text: 'remove 2', channel_type: 'channel' }));
    await s.quiet();
    expect(town.whispers()).toEqual([]);
    const files = [await town.file(await photo())];
    await town.event(await town.message({ channel_type: 'im', files, subtype: 'file_share' }));
    await s.next('upload');
  });
  it('carry a mask in threads of ours; files of others’ threads are not even fetched', async () => {
    const [mine, others] = [await town.message(), await town.message()];
    await town.bot.post(`${town.channel}:${mine.ts}`, { kind: 'note', text: 'mine' }, 'mine-3');
    s.pictures.add(`${town.channel}:${mine.ts}`);
    const file = await town.file(await photo());
    const message = { text: 'reshape 1', files: [file], subtype: 'file_share' };
    await town.event(await town.message({ ...message, thread_ts: others.ts }));
    await s.quiet();
    expect(town.proxy.calls.some(({ method }) => method.includes(`files-pri/${file.id}`))).toBe(false);
    await town.event(await town.message({ ...message, thread_ts: mine.ts }));
    expect((await s.next('say')).attachment?.byteLength).toBeGreaterThan(100);
  });
  it('are stored in the order in which they were said, also when a file takes long', async () => {
    const root = await town.message();
    await town.bot.post(`${town.channel}:${root.ts}`, { kind: 'note', text: 'mine' }, 'mine-4');
    s.pictures.add(`${town.channel}:${root.ts}`);
    s.handle = (event) =>
      new Promise((done) => setTimeout(done, event.kind === 'say' && event.attachment ? 150 : 0));
    const files = [await town.file(await photo())];
    const first = await town.message({ thread_ts: root.ts, text: 'reshape 1', files });
    const second = await town.message({ thread_ts: root.ts, text: 'undo' });
    await town.event(first);
    await town.event(second);
    expect(await s.next('say')).toMatchObject({ text: 'reshape 1' });
    expect(await s.next('say')).toMatchObject({ text: 'undo' });
  });
});

describe('a reply', () => {
  it('is one message with words, picture, alternative text, buttons and the items', async () => {
    const root = await town.message();
    const thread = `${town.channel}:${root.ts}`;
    const id = await town.bot.post(
      thread,
      {
        kind: 'result',
        text: '1: remove <2>',
        picture: { name: 'result.png', png: await photo(), alt: 'a picture' },
        actions: [{ label: 'Undo', say: 'undo' }],
        items: [{ number: 1, name: 'dog' }],
      },
      'one',
    );
    const [message, ...more] = (await town.thread(thread)).filter(({ ts }) => ts !== root.ts);
    expect(more).toEqual([]);
    expect(message).toMatchObject({ ts: id, text: '1: remove &lt;2&gt;', hasFile: true });
    for (const part of ['"alt_text":"a picture"', '"value":"undo"', '"1 dog"', '"slack_file"'])
      expect(message!.raw).toContain(part);
    // the picture is the bot's own until the message shows it, and the SDK's alt_text is not sent
    expect(town.proxy.called('files.completeUploadExternal')[0]!.params).not.toHaveProperty('channel_id');
    expect(Object.keys(town.proxy.called('files.getUploadURLExternal')[0]!.params).sort()).toEqual([
      'filename',
      'length',
    ]);
  });
  it('brings other files as a second message', async () => {
    const root = await town.message();
    const thread = `${town.channel}:${root.ts}`;
    const files = ['labels.png', 'items.json'].map((name) => ({ name, bytes: Buffer.from('x') }));
    const picture = { name: 'export.png', png: await photo(), alt: 'a' };
    await town.bot.post(thread, { kind: 'export', text: 'All of it.', picture, files }, 'two');
    expect((await pictures(thread)).map(({ raw }) => /labels\.png.*items\.json/.test(raw))).toEqual([
      false,
      true,
    ]);
  });
  it('is edited in place, as words', async () => {
    const root = await town.message();
    const thread = `${town.channel}:${root.ts}`;
    const id = await town.bot.post(thread, { kind: 'progress', text: '10 %' }, 'three');
    await town.bot.update(thread, id, { kind: 'progress', text: '<90> %' });
    const raw = (await town.thread(thread)).find(({ ts }) => ts === id)!.raw;
    expect(raw).toContain('&lt;90&gt; %');
    expect(raw).not.toContain('10 %');
  });
  it('has a link', async () => {
    const root = await town.message();
    const link = { label: 'Open the mask editor', url: 'https://a.b/c' };
    await town.bot.post(`${town.channel}:${root.ts}`, { kind: 'note', text: 'x', link }, 'four');
    const { raw } = (await town.thread(`${town.channel}:${root.ts}`)).at(-1)!;
    expect(raw).toContain('"url":"https://a.b/c"');
  });
});

describe('reactions', () => {
  const react = (ts: string, reaction: string, more: object = {}) =>
    town.event({
      ...{ type: 'reaction_added', user: town.ann, reaction, item_user: town.self },
      ...{ item: { type: 'message', channel: town.channel, ts }, ...more },
    });

  it('on our pictures are heard, once; feelings and others’ messages are not', async () => {
    const root = await town.message();
    const thread = `${town.channel}:${root.ts}`;
    const picture = { name: 'r.png', png: await photo(), alt: 'a' };
    const id = await town.bot.post(thread, { kind: 'result', text: 'x', picture }, 'five');
    await react(id, 'three');
    await react(id, 'three');
    await react(id, 'heart');
    await react(id, 'three', { user: town.self });
    await react(root.ts, 'three', { item_user: town.ann });
    expect(await s.next('react')).toMatchObject({ emoji: '3️⃣', message: id, thread });
    await s.quiet();
    // known from posting: Slack rations what it tells of threads
    expect(town.proxy.called('conversations.replies')).toEqual([]);
  });
  it('on pictures of before a restart are asked about', async () => {
    const root = await town.message();
    const thread = `${town.channel}:${root.ts}`;
    const earlier = new SlackPlatform(town.options);
    const id = await earlier.post(thread, { kind: 'note', text: 'x' }, 'six');
    town.proxy.stub('conversations.replies', {
      ...{ ok: true, messages: [{ ts: root.ts, thread_ts: root.ts, user: town.ann }] },
    });
    town.proxy.fail('conversations.replies', {
      answer: {
        ok: true,
        messages: [
          { ts: root.ts, thread_ts: root.ts, user: town.ann },
          { ts: id, thread_ts: root.ts, user: town.self },
        ],
      },
    });
    await react(id, 'leftwards_arrow_with_hook');
    expect(await s.next('react')).toMatchObject({ emoji: '↩️', message: id, thread });
    expect(town.proxy.called('conversations.replies')[0]!.params).toMatchObject({ ts: id, latest: id });
    // a message that is not there, or is not ours
    await react('1.1', 'repeat');
    await s.quiet();
  });
});
