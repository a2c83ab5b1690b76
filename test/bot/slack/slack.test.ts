import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/bot/platform.js';
import { emojiOf } from '../../../src/bot/slack/emoji.js';
import { blocksOf, escape, unescape } from '../../../src/bot/slack/render.js';
import { photo } from '../../support/conversation.js';
import { SlackTown } from '../../support/slack.js';

describe('what is shown', () => {
  it('never mentions anybody', () => {
    expect(escape('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
    expect(JSON.stringify(blocksOf({ kind: 'note', text: '<!here>' }))).not.toContain('<!here>');
  });
  it('keeps to the limits of Block Kit', () => {
    const [section, actions] = blocksOf({
      kind: 'result',
      text: 'x'.repeat(9000),
      actions: Array.from({ length: 9 }, (_, i) => ({ label: 'y'.repeat(200), say: `use ${i}` })),
      items: [{ number: 1, name: 'z'.repeat(300) }],
    });
    expect(section).toMatchObject({ text: { text: `${'x'.repeat(2999)}…` } });
    const elements = (actions as { elements: { text?: { text: string } }[] }).elements;
    expect(elements).toHaveLength(6);
    expect(elements[0]!.text!.text).toHaveLength(75);
  });
  it('reads what a person typed', () => {
    expect(unescape('<@U9> replace 3 with <http://a.b|a.b> &amp; co')).toBe('replace 3 with a.b & co');
    expect([emojiOf('three'), emojiOf('repeat'), emojiOf('heart')]).toEqual(['3️⃣', '🔁', undefined]);
  });
});

describe('the bot on an emulated Slack', () => {
  let town: SlackTown;
  let told: ChatEvent[] = [];
  beforeAll(async () => {
    town = await SlackTown.open();
    await town.bot.start(async (event) => void told.push(event));
  }, 30_000);
  afterAll(async () => {
    await town.bot.stop();
    await town.close();
  });
  beforeEach(() => {
    told = [];
  });

  /** A message of a person, stored and told. */
  const message = async (more: object = {}) => {
    const { ts } = await town.client.chat.postMessage({ channel: town.channel, text: 'hello' });
    return { type: 'message', channel: town.channel, ts: ts!, user: 'U-ann', ...more };
  };

  it('refuses forged and stale requests', async () => {
    const body = JSON.stringify({ type: 'event_callback', event: await message() });
    expect((await town.send(body, 'application/json', { secret: 'another' })).status).toBe(401);
    const old = Math.floor(Date.now() / 1000) - 6 * 60;
    expect((await town.send(body, 'application/json', { at: old })).status).toBe(401);
    expect(told).toEqual([]);
  });

  it('takes a mention with a picture for an upload, in a thread of that message', async () => {
    const picture = await photo();
    const event = await message({
      type: 'app_mention',
      text: `<@${town.self}>`,
      files: [await town.file(picture)],
    });
    expect((await town.event(event)).status).toBe(200);
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toMatchObject({ kind: 'upload', user: 'U-ann', thread: `${town.channel}:${event.ts}` });
    expect(
      Buffer.compare(Buffer.from((told[0] as ChatEvent & { kind: 'upload' }).picture), Buffer.from(picture)),
    ).toBe(0);
  });

  it('hears words in threads, under one id however often they are told, and not its own', async () => {
    const root = await message();
    const said = await message({ thread_ts: root.ts, text: 'replace 3 &amp; go' });
    await town.event(said);
    await town.event(said);
    await town.event({ ...said, user: town.self });
    await town.event({ ...said, bot_id: 'B1' });
    await expect.poll(() => told.length).toBe(2);
    expect(told[0]).toMatchObject({
      kind: 'say',
      text: 'replace 3 & go',
      thread: `${town.channel}:${root.ts}`,
    });
    expect(told[1]!.id).toBe(told[0]!.id);
  });

  it('posts a picture with its words and buttons, and maps reactions on it', async () => {
    const root = await message();
    const thread = `${town.channel}:${root.ts}`;
    const id = await town.bot.post(thread, {
      kind: 'result',
      text: '1: remove <2>',
      picture: { name: 'result.png', png: await photo(), alt: 'a picture' },
      actions: [{ label: 'Undo', say: 'undo' }],
    });
    const messages = await town.thread(thread);
    const shown = messages.find(({ ts }) => ts === id)!;
    expect(shown.hasFile).toBe(true);
    expect(messages.some(({ raw }) => raw.includes('remove &lt;2&gt;'))).toBe(true);
    const buttons = messages.find(({ raw }) => raw.includes('"value":"undo"'))!;
    expect(buttons.raw).toContain(`about:${id}`);

    await town.interact({
      ...{
        type: 'block_actions',
        trigger_id: 'trigger-1',
        user: { id: 'U-ann' },
        channel: { id: town.channel },
      },
      message: { ts: buttons.ts, thread_ts: root.ts },
      actions: [{ type: 'button', action_id: 'say-0', block_id: `about:${id}`, value: 'undo' }],
    });
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toMatchObject({ kind: 'say', text: 'undo', thread, replyTo: id });

    const item = { type: 'message', channel: town.channel, ts: id };
    await town.event({ type: 'reaction_added', user: 'U-ann', reaction: 'three', item });
    await expect.poll(() => told.length).toBe(2);
    expect(told[1]).toMatchObject({ kind: 'react', emoji: '3️⃣', message: id, thread });
  });

  it('says where words go when somebody types them after the slash', async () => {
    const form = {
      command: '/dedit',
      text: 'remove 2',
      channel_id: town.channel,
      user_id: 'U-ann',
      trigger_id: 't',
    };
    const response = await town.send(
      new URLSearchParams(form).toString(),
      'application/x-www-form-urlencoded',
    );
    expect(await response.text()).toContain('thread');
  });

  it('a thread that is gone refuses for good', async () => {
    await expect(town.bot.post('C-nowhere:1.2', { kind: 'note', text: 'x' })).rejects.toMatchObject({
      name: 'PostRefused',
    });
  });
});
