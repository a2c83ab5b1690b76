import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { GatewayDispatchEvents } from 'discord.js';
import sharp from 'sharp';
import { afterEach, describe, expect, it } from 'vitest';
import { PostRefused, type Reply } from '../../../src/bot/platform.js';
import { overlay, png, stage, type Stage } from '../../support/discordStage.js';

let s: Stage;
afterEach(async () => {
  await s.close();
  expect(s.double.problems()).toEqual([]);
});

async function begin(...more: Parameters<typeof stage>): Promise<string> {
  s = await stage(...more);
  return s.double.world.addThread(s.double.channel, 'dedit: cat', s.double.world.bot.id).id;
}
const note = (text: string): Reply => ({ kind: 'note', text });
const posts = () =>
  s.double.rest.requests.filter(({ method, path }) => method === 'POST' && /messages$/.test(path));
const edits = () => s.double.rest.requests.filter(({ method }) => method === 'PATCH');

describe('post', () => {
  it('shows picture with alt text, buttons, a menu of items and a link', async () => {
    const thread = await begin();
    const id = await s.bot.post(
      thread,
      { ...overlay, link: { label: 'Mask editor', url: 'http://localhost:3000/mask/1' } },
      'k',
    );
    const message = s.message(thread, id);
    expect(message.attachments[0]).toMatchObject({
      filename: 'overlay.png',
      description: 'A cat, a bowl and a table, numbered',
    });
    expect(s.double.file(message.attachments[0]!.url)).toEqual(png);
    expect(s.double.labels(message)).toEqual(['Undo', 'Again', 'Mask editor']);
    expect(message.components).toHaveLength(3);
  });
  it('hostile names and prompts neither ping nor format', async () => {
    const thread = await begin();
    const eve = s.double.person('Eve');
    const text = `@everyone <@${eve.id}> **bold** [x](https://evil.example) \`code\`\n# Title\n-# small ||spoiler||`;
    const id = await s.bot.post(thread, { ...note(text), items: [{ number: 1, name: text }] }, 'k');
    const message = s.message(thread, id);
    expect(message.pings).toEqual([]);
    expect(message.content).not.toMatch(/(?<!\\)[*`|[<]|@everyone|^(#|-#)/m);
    expect(posts()[0]!.body['allowed_mentions']).toEqual({ parse: [] });
  });
  it('cuts what is too long, and says in words what fits on no button', async () => {
    const thread = await begin();
    const say = `replace 3 with ${'a very long prompt '.repeat(8)}`;
    const id = await s.bot.post(
      thread,
      {
        kind: 'overlay',
        text: '*'.repeat(3000),
        actions: [
          { label: 'Again', say },
          { label: 'x'.repeat(100), say: 'undo' },
        ],
        items: Array.from({ length: 40 }, (_, i) => ({ number: i + 1, name: 'n'.repeat(200) })),
      },
      'k',
    );
    const { content } = s.message(thread, id);
    expect(content.length).toBeLessThanOrEqual(2000);
    expect(content).toMatch(/\\\*…\nAgain: say "replace 3/);
  });
  it('the same key is posted once, even when the answer was lost', async () => {
    const thread = await begin({ rest: { retries: 0 } });
    s.double.fail('POST', /messages$/, 500, { afterwards: true });
    const lost = await s.bot
      .post(thread, { ...overlay, text: 'my secret' }, 'job-1')
      .catch((error: unknown) => error);
    expect(lost).toBeInstanceOf(Error);
    expect(lost).not.toBeInstanceOf(PostRefused);
    expect(inspect(lost, { depth: 9, showHidden: true })).not.toContain('my secret');
    const id = await s.bot.post(thread, { ...overlay, text: 'my secret' }, 'job-1');
    expect(s.double.seen(thread).map((m) => m.id)).toEqual([id]);
    await s.bot.post(thread, overlay, 'job-2');
    expect(s.double.seen(thread)).toHaveLength(2);
  });
  it('survives errors of Discord and its rate limits', async () => {
    const thread = await begin();
    s.double.rest.windowMs = 200;
    s.double.fail('POST', /messages$/, 500, { times: 2 });
    s.double.fail('POST', /messages$/, 429, { body: { message: 'slow', retry_after: 0.05, global: false } });
    const ids = await Promise.all(
      Array.from({ length: 12 }, (_, i) => s.bot.post(thread, note(`${i}`), `k${i}`)),
    );
    expect(new Set(ids).size).toBe(12);
    expect(s.double.seen(thread)).toHaveLength(12);
  });
  it('gives up on a Discord that does not answer, so that the outbox tries again', async () => {
    const thread = await begin({ rest: { retries: 0, timeout: 80 } });
    s.double.fail('POST', /messages$/, 0);
    await expect(s.bot.post(thread, note('a'), 'k')).rejects.not.toBeInstanceOf(PostRefused);
    await s.bot.post(thread, note('a'), 'k');
    expect(s.double.seen(thread)).toHaveLength(1);
  });
  it('sends more to a boosted server', async () => {
    const thread = await begin();
    const large = new Uint8Array(11 * 2 ** 20);
    const reply: Reply = { kind: 'export', text: 'x', files: [{ name: 'scene.zip', bytes: large }] };
    expect(s.message(thread, await s.bot.post(thread, reply, 'a')).content).toContain('left out');
    const { world } = s.double;
    world.premiumTier = 2;
    s.double.rest.maxFileBytes = 50 * 2 ** 20;
    s.double.gateway.dispatch(GatewayDispatchEvents.GuildUpdate, world.guildBody(), world.guild);
    await s.settle();
    expect(s.message(thread, await s.bot.post(thread, reply, 'b')).attachments[0]!.size).toBe(large.length);
  });
  it('a picture too large becomes a JPEG and says so; a file too large is left out and said', async () => {
    const thread = await begin({ maxUploadBytes: 30_000 });
    s.double.rest.maxFileBytes = 30_000;
    const side = 160;
    const large = await sharp(randomBytes(side * side * 3), {
      raw: { width: side, height: side, channels: 3 },
    })
      .png()
      .toBuffer();
    const id = await s.bot.post(
      thread,
      {
        kind: 'result',
        text: 'done',
        picture: { name: 'result.png', png: large, alt: 'noise' },
        files: [
          { name: 'scene.zip', bytes: new Uint8Array(40_000) },
          { name: 'items.json', bytes: new Uint8Array(4) },
        ],
      },
      'k',
    );
    const message = s.message(thread, id);
    expect(message.attachments.map(({ filename }) => filename)).toEqual(['result.jpg', 'items.json']);
    expect(message.content).toMatch(/^done\nShown as JPEG.*\nscene.zip is left out/);
  });
  it('tries smaller when Discord takes less than it says', async () => {
    const thread = await begin();
    s.double.rest.maxFileBytes = 40_000;
    const large = await sharp(randomBytes(160 * 160 * 3), { raw: { width: 160, height: 160, channels: 3 } })
      .png()
      .toBuffer();
    const id = await s.bot.post(
      thread,
      { ...overlay, picture: { name: 'r.png', png: large, alt: 'noise' } },
      'k',
    );
    expect(s.message(thread, id).attachments[0]!.size).toBeLessThanOrEqual(40_000);
  });
  it('opens an archived thread first, also one that is not known as archived', async () => {
    const thread = await begin();
    const id = await s.bot.post(thread, note('a'), 'a');
    const place = s.double.world.channels.get(thread)!;
    s.double.world.patchThread(place, { archived: true });
    await s.settle();
    await s.bot.update(thread, id, note('b'));
    expect(s.message(thread, id).content).toBe('b');
    expect(place.thread_metadata!.archived).toBe(false);
    expect(s.double.rest.requests.filter(({ status }) => status >= 400)).toEqual([]);
    // silently: the bot has not heard of it
    place.thread_metadata = { ...place.thread_metadata!, archived: true, locked: true };
    s.double.allow('ManageThreads');
    await s.bot.post(thread, note('c'), 'c');
    expect(place.thread_metadata!.archived).toBe(false);
    expect(s.double.seen(thread)).toHaveLength(2);
  });
  it('is refused for good, by name, where a permission is missing or the thread is gone', async () => {
    const thread = await begin();
    s.double.forbid('AttachFiles', 'SendMessagesInThreads');
    await s.settle();
    const failed = await s.bot.post(thread, overlay, 'k').catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(PostRefused);
    expect((failed as Error).message).toContain('"Send Messages in Threads", "Attach Files"');
    s.double.world.channels.delete(thread);
    await expect(s.bot.post(thread, overlay, 'k')).rejects.toThrow(/thread is gone/);
  });
});

describe('replace', () => {
  it('puts a finished picture in the place of another, and says when it could not', async () => {
    const thread = await begin({ editIntervalMs: 60_000 });
    const id = await s.bot.post(thread, overlay, 'draft');
    const finer = await sharp(png).resize(3, 3).png().toBuffer();
    const reply: Reply = { ...overlay, text: 'finer', picture: { name: 'r.png', png: finer, alt: 'finer' } };
    s.double.fail('PATCH', /messages/, 403, { body: { code: 50013, message: 'no' } });
    await expect(s.bot.replace(thread, id, reply, 'k')).rejects.toBeInstanceOf(PostRefused);
    expect(await s.bot.replace(thread, id, reply, 'k')).toBe(id);
    const [message, ...more] = s.double.seen(thread);
    expect(more).toEqual([]);
    expect(message!.content).toBe('finer');
    expect(message!.attachments).toHaveLength(1);
    expect(s.double.file(message!.attachments[0]!.url)).toEqual(finer);
    expect(s.double.labels(message!)).toEqual(['Undo', 'Again']);
    // the draft was deleted meanwhile: the picture comes all the same
    s.double.world.messages.get(thread)!.delete(id);
    const anew = await s.bot.replace(thread, id, reply, 'k2');
    expect(s.double.seen(thread).map((m) => m.id)).toEqual([anew]);
  });
});

describe('update', () => {
  it('edits at most once in the interval, and the last one wins', async () => {
    const thread = await begin({ editIntervalMs: 150 });
    const id = await s.bot.post(thread, { kind: 'progress', text: '0 %' }, 'k');
    const began = performance.now();
    const updates = Array.from({ length: 20 }, (_, i) =>
      s.bot.update(thread, id, {
        kind: 'preview',
        text: `${(i + 1) * 5} %`,
        picture: { name: `preview${i}.png`, png, alt: 'forming' },
      }),
    );
    await Promise.all(updates);
    expect(performance.now() - began).toBeGreaterThan(100);
    expect(edits()).toHaveLength(2);
    const message = s.message(thread, id);
    expect(message.content).toBe('100 %');
    expect(message.attachments.map(({ filename }) => filename)).toEqual(['preview19.png']);
    await s.bot.update(thread, id, note('done'));
    expect(s.message(thread, id).attachments).toEqual([]);
  });
  it('a failure is only logged', async () => {
    const thread = await begin();
    await s.bot.update(thread, '1234', note('x'));
    expect(s.log.some(({ level, message }) => level === 'debug' && /edit/.test(message))).toBe(true);
  });
  it('what waits is sent when the bot stops', async () => {
    const thread = await begin({ editIntervalMs: 60_000 });
    const id = await s.bot.post(thread, note('0'), 'k');
    await s.bot.update(thread, id, note('1'));
    void s.bot.update(thread, id, note('2'));
    await s.bot.stop();
    expect(s.message(thread, id).content).toBe('2');
  });
});
