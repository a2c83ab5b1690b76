/** Where people and pictures meet on Slack, as doubles that others wrote have shown: what is pressed, refused, formed. */
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../../../src/bot/platform.js';
import { ProgressMessages } from '../../../src/bot/progress.js';
import { SlackPlatform } from '../../../src/bot/slack/platform.js';
import { photo } from '../../support/conversation.js';
import { heic } from '../../support/heic.js';
import type { SlackTown } from '../../support/slack.js';
import { stage, type Stage } from './stage.js';

let s: Stage;
let town: SlackTown;
beforeAll(async () => {
  s = await stage();
  ({ town } = s);
}, 30_000);
afterAll(() => s.close());
beforeEach(() => s.reset());

const newThread = async () => `${town.channel}:${(await town.message()).ts}`;
const replies = async (thread: string) => (await town.thread(thread)).slice(1);
let keys = 0;
const key = () => `situation-${++keys}`;
const result = async (): Promise<Reply> => ({
  ...{ kind: 'result', text: '1: remove 2', actions: [{ label: 'Undo', say: 'undo' }] },
  picture: { name: 'result.png', png: await photo(), alt: 'a picture' },
});

describe('a press', () => {
  let presses = 0;
  const press = (more: object) =>
    town.interact({
      ...{ type: 'block_actions', trigger_id: `q${++presses}`, team: { id: 'T1' }, user: { id: town.ann } },
      ...{ channel: { id: town.channel }, ...more },
      actions: [{ type: 'button', action_id: 'say-0', block_id: 'b', value: 'undo' }],
    });

  it('finds its thread in the container where the message does not name it', async () => {
    await press({ message: { ts: '5.6' }, container: { type: 'message', thread_ts: '5.5' } });
    expect(await s.next('say')).toMatchObject({ thread: `${town.channel}:5.5`, replyTo: '5.6' });
    expect(town.proxy.called('conversations.replies')).toEqual([]);
  });

  it('asks Slack where neither does', async () => {
    const thread = await newThread();
    const earlier = new SlackPlatform({ ...town.options, port: 1 });
    const ts = await earlier.post(thread, { kind: 'note', text: 'x' }, key());
    const root = thread.split(':')[1]!;
    town.proxy.fail('conversations.replies', {
      answer: { ok: true, messages: [{ ts, thread_ts: root, user: town.self }] },
    });
    await press({ message: { ts } });
    expect(await s.next('say')).toMatchObject({ thread, replyTo: ts });
  });
});

describe('a thread with a picture', () => {
  it('is known from the database alone, however long it is, also after a restart', async () => {
    const thread = await newThread();
    s.pictures.add(thread);
    const said = await town.message({ thread_ts: thread.split(':')[1]!, text: 'remove 2' });
    await town.event(said);
    expect(await s.next('say')).toMatchObject({ thread, text: 'remove 2' });
    expect(town.proxy.called('conversations.replies')).toEqual([]);
  });
});

describe('HEIC from a phone', () => {
  it('is refused at the door, in words, wherever it comes from', async () => {
    const file = await town.file(heic, 'IMG_1.HEIC');
    await town.event(await town.message({ type: 'app_mention', text: `<@${town.self}>`, files: [file] }));
    await expect.poll(() => town.whispers().at(-1)).toMatch(/is HEIC.* send it as JPEG/);
    const thread = await newThread();
    s.pictures.add(thread);
    town.proxy.calls.length = 0;
    const mask = { thread_ts: thread.split(':')[1]!, text: 'reshape 2', files: [file] };
    await town.event(await town.message({ ...mask, subtype: 'file_share' }));
    await expect.poll(() => town.whispers().at(-1)).toMatch(/is HEIC/);
    await s.quiet();
  });
});

describe('pictures as files, where the settings say so', () => {
  let bot: SlackPlatform;
  afterEach(() => bot.stop());

  it('are shared with their words, and their buttons below; nothing is uploaded twice', async () => {
    bot = new SlackPlatform({ ...town.options, port: 1, pictures: 'files' });
    const thread = await newThread();
    const id = await bot.post(thread, await result(), key());
    const [shared, buttons, ...more] = await replies(thread);
    expect(shared).toMatchObject({ ts: id, text: '1: remove 2', hasFile: true });
    expect(shared!.raw).not.toContain('"slack_file"');
    expect(buttons!.raw).toContain(`about:${id}`);
    expect(more).toEqual([]);
    expect(town.proxy.called('files.getUploadURLExternal')).toHaveLength(1);
  });
});

describe('a workspace that refuses pictures in blocks', () => {
  it('gets each picture once: the one that no message shows is taken away again', async () => {
    const bot = new SlackPlatform({ ...town.options, port: 1 });
    town.proxy.fail('chat.postMessage', { answer: { ok: false, error: 'invalid_blocks' } }, 4);
    await bot.post(await newThread(), await result(), key());
    const [orphan, ...others] = town.proxy.called('files.delete');
    expect(others).toEqual([]);
    const { error } = (await town.client.files.info({ file: orphan!.params.file! }).catch((e) => e.data)) as {
      error?: string;
    };
    expect(error).toBe('file_not_found');
    // from then on one upload a picture
    town.proxy.calls.length = 0;
    await bot.post(await newThread(), await result(), key());
    expect(town.proxy.called('files.getUploadURLExternal')).toHaveLength(1);
    expect(town.proxy.called('files.delete')).toEqual([]);
    await bot.stop();
  });

  it('one picture that takes Slack long says nothing of the next', async () => {
    const bot = new SlackPlatform({ ...town.options, port: 1 });
    town.proxy.fail('files.info', { answer: { ok: true, file: { id: 'F1', mimetype: '' } } }, 20);
    town.proxy.fail('chat.postMessage', { answer: { ok: false, error: 'invalid_blocks' } }, 4);
    await bot.post(await newThread(), await result(), key());
    town.proxy.mend();
    const thread = await newThread();
    await bot.post(thread, await result(), key());
    expect((await replies(thread))[0]!.raw).toContain('"slack_file"');
    await bot.stop();
  });
});

describe('a finished picture in the place of another', () => {
  const finer = async (): Promise<Reply> => ({ ...(await result()), text: 'finer' });

  it('takes its message; what failed is done again, and nothing uploaded twice', async () => {
    const thread = await newThread();
    const id = await town.bot.post(thread, await result(), key());
    const before = (await replies(thread))[0]!.raw;
    const mine = key();
    town.proxy.calls.length = 0;
    town.proxy.fail('chat.update', { status: 500 });
    await expect(town.bot.replace(thread, id, await finer(), mine)).rejects.toThrow();
    expect(await town.bot.replace(thread, id, await finer(), mine)).toBe(id);
    const [message, ...more] = await replies(thread);
    expect(more).toEqual([]);
    expect(message!.text).toBe('finer');
    const file = (raw: string) => /"slack_file":\{"id":"(\w+)"/.exec(raw)?.[1];
    expect(file(message!.raw)).toBeTruthy();
    expect(file(message!.raw)).not.toBe(file(before));
    expect(town.proxy.called('files.getUploadURLExternal')).toHaveLength(1);
  });

  it('follows below where files are shared, or the message cannot be changed', async () => {
    const files = new SlackPlatform({ ...town.options, port: 1, pictures: 'files' });
    const thread = await newThread();
    const id = await files.post(thread, await result(), key());
    expect(await files.replace(thread, id, await finer(), key())).not.toBe(id);
    await files.stop();
    town.proxy.fail('chat.update', { answer: { ok: false, error: 'cant_update_message' } });
    const other = await newThread();
    const first = await town.bot.post(other, await result(), key());
    const second = await town.bot.replace(other, first, await finer(), key());
    expect((await replies(other)).map(({ ts }) => ts)).toEqual([first, second]);
  });
});

describe('a picture forming', () => {
  it('is seen in the message that tells how far the work is, decodes, and leaves no file behind', async () => {
    const thread = await newThread();
    let now = 0;
    const messages = new ProgressMessages(() => now);
    const forming = (red: number) =>
      sharp({ create: { width: 48, height: 32, channels: 3, background: { r: red, g: 9, b: 9 } } })
        .png()
        .toBuffer();
    const step = async (step: number, preview: Uint8Array) => {
      now += 3000;
      messages.update('s', { platform: town.bot, thread }, { stage: 'edit', step, of: 4, preview });
    };
    const shownFile = async () => {
      const [message] = await replies(thread);
      return /"slack_file":\{"id":"(\w+)"/.exec(message?.raw ?? '')?.[1];
    };
    await step(0, await forming(50));
    await step(1, await forming(100));
    await expect.poll(shownFile).toBeTruthy();
    const first = (await shownFile())!;
    await step(2, await forming(200));
    await expect.poll(shownFile).not.toBe(first);
    const picture = await town.bytesOf((await shownFile())!);
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, data[0]]).toEqual([48, 32, 200]);
    messages.finished('s', 'edit');
    await expect.poll(shownFile).toBeUndefined();
    expect(await replies(thread)).toHaveLength(1);
    await expect.poll(() => town.proxy.called('files.delete').length).toBe(2);
  });
});
