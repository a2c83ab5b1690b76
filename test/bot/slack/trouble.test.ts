import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostRefused, type Reply } from '../../../src/bot/platform.js';
import { SlackPlatform } from '../../../src/bot/slack/platform.js';
import { UserError } from '../../../src/engine/errors.js';
import { photo } from '../../support/conversation.js';
import type { SlackTown } from '../../support/slack.js';
import { SlackProxy } from '../../support/slackProxy.js';
import { stage, type Stage } from './stage.js';

let s: Stage;
let town: SlackTown;
let result: Reply;
let keys = 0;
beforeAll(async () => {
  s = await stage({ apiTimeoutMs: 400 });
  ({ town } = s);
  const picture = { name: 'result.png', png: await photo(), alt: 'a picture' };
  result = { kind: 'result', text: '1: remove 2', picture, actions: [{ label: 'Undo', say: 'undo' }] };
}, 30_000);
afterAll(() => s.close());
beforeEach(() => s.reset());

const newThread = async () => `${town.channel}:${(await town.message()).ts}`;
const newKey = () => `key-${++keys}`;
const replies = async (thread: string) => (await town.thread(thread)).slice(1);
const uploads = () => town.proxy.calls.filter(({ method }) => method.startsWith('/upload/')).length;

describe('posts that are refused for good', () => {
  it.each([
    ['chat.postMessage', { error: 'not_in_channel' }, /\/invite/],
    ['chat.postMessage', { error: 'is_archived' }, /archived/],
    ['chat.postMessage', { error: 'restricted_action' }, /only some people/],
    ['chat.postMessage', { error: 'missing_scope', needed: 'chat:write' }, /scope chat:write/],
    ['files.getUploadURLExternal', { error: 'missing_scope', needed: 'files:write' }, /scope files:write/],
    ['files.getUploadURLExternal', { error: 'file_uploads_disabled' }, /no file uploads/],
    ['files.completeUploadExternal', { error: 'access_denied' }, /admin/],
  ])('%s: %j', async (method, error, words) => {
    town.proxy.fail(method, { answer: { ok: false, ...error } });
    const posting = town.bot.post(await newThread(), result, newKey());
    await expect(posting).rejects.toBeInstanceOf(PostRefused);
    await expect(posting).rejects.toThrow(words);
  });
  it('a channel that is not there', async () => {
    const posting = town.bot.post('C-nowhere:1.2', { kind: 'note', text: 'x' }, newKey());
    await expect(posting).rejects.toMatchObject({ name: 'PostRefused' });
  });
});

describe('posts that may work later', () => {
  const failures = [
    ['a 500', { status: 500, body: 'oops' }],
    ['a gateway’s page', { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['no answer', 'hang'],
    ['a connection that is cut', 'reset'],
    ['Slack’s own trouble', { answer: { ok: false, error: 'internal_error' } }],
  ] as const;
  it.each(failures)('%s: thrown at once for the outbox, not refused', async (_, fault) => {
    const [thread, key] = [await newThread(), newKey()];
    town.proxy.fail('chat.postMessage', fault);
    const posting = town.bot.post(thread, result, key);
    await expect(posting).rejects.toThrow();
    await expect(posting).rejects.not.toBeInstanceOf(PostRefused);
    expect(town.proxy.called('chat.postMessage')).toHaveLength(1);
    // the second attempt goes on with the picture that Slack has
    const id = await town.bot.post(thread, result, key);
    expect((await replies(thread)).map(({ ts }) => ts)).toEqual([id]);
    expect(uploads()).toBe(1);
  });
  it.each([
    ['files.getUploadURLExternal', 1],
    [/^\/upload\//, 2],
    ['files.completeUploadExternal', 2],
  ])('an upload that fails at %s is done again', async (method, sent) => {
    const [thread, key] = [await newThread(), newKey()];
    town.proxy.fail(method, { status: 500 });
    await expect(town.bot.post(thread, result, key)).rejects.toThrow();
    await town.bot.post(thread, result, key);
    expect(await replies(thread)).toHaveLength(1);
    expect(uploads()).toBe(sent);
  });
  it('a message whose confirmation is lost is found, not sent twice', async () => {
    const [thread, key] = [await newThread(), newKey()];
    town.proxy.fail('chat.postMessage', 'lost');
    await expect(town.bot.post(thread, result, key)).rejects.toThrow();
    expect(await replies(thread)).toHaveLength(1);
    const id = await town.bot.post(thread, result, key);
    expect((await replies(thread)).map(({ ts }) => ts)).toEqual([id]);
    expect(town.proxy.called('chat.postMessage')).toHaveLength(1);
  });
  it('it is looked for after the newest message that Slack told of, whatever the clock here says', async () => {
    const thread = await newThread();
    const before = await town.bot.post(thread, { kind: 'note', text: 'x' }, newKey());
    const key = newKey();
    town.proxy.fail('chat.postMessage', 'lost');
    await expect(town.bot.post(thread, result, key)).rejects.toThrow();
    await town.bot.post(thread, result, key);
    const asked = town.proxy.called('conversations.replies').map(({ params }) => params.oldest);
    expect(asked.filter(Boolean)).toEqual([before]);
    expect(await replies(thread)).toHaveLength(2);
  });
  it('other files that fail do not bring the picture again', async () => {
    const [thread, key] = [await newThread(), newKey()];
    const files = [{ name: 'items.json', bytes: Buffer.from('[]') }];
    town.proxy.fail(({ params }) => 'channel_id' in params, { status: 500 });
    await expect(town.bot.post(thread, { ...result, files }, key)).rejects.toThrow();
    await town.bot.post(thread, { ...result, files }, key);
    expect((await replies(thread)).map(({ hasFile }) => hasFile)).toEqual([true, true]);
  });
  it('429: thrown at once, and nothing is asked before Retry-After is over', async () => {
    const [thread, key] = [await newThread(), newKey()];
    town.proxy.fail('chat.postMessage', { status: 429, headers: { 'retry-after': '1' } });
    const began = Date.now();
    const posting = town.bot.post(thread, { kind: 'note', text: 'x' }, key);
    await expect(posting).rejects.not.toBeInstanceOf(PostRefused);
    expect(Date.now() - began).toBeLessThan(1000); // Retry-After
    await town.bot.post(thread, { kind: 'note', text: 'x' }, key);
    const [first, second, ...more] = town.proxy.called('chat.postMessage');
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(950);
    expect(more).toEqual([]);
  });
  it('edits wait too, and are never an error', async () => {
    const thread = await newThread();
    const id = await town.bot.post(thread, { kind: 'progress', text: '0 %' }, newKey());
    town.proxy.fail('chat.update', { status: 429, headers: { 'retry-after': '1' } });
    await town.bot.update(thread, id, { kind: 'progress', text: '1 %' });
    await town.bot.update(thread, id, { kind: 'progress', text: '2 %' });
    expect(town.proxy.called('chat.update')).toHaveLength(1);
    await new Promise((done) => setTimeout(done, 1000));
    await town.bot.update(thread, id, { kind: 'progress', text: '3 %' });
    expect((await replies(thread)).at(-1)!.text).toBe('3 %');
  });
});

describe('what Slack does not like', () => {
  it('a message that is too long is said shorter', async () => {
    const thread = await newThread();
    town.proxy.fail('chat.postMessage', { answer: { ok: false, error: 'msg_too_long' } });
    await town.bot.post(thread, { kind: 'note', text: 'x'.repeat(2500) }, newKey());
    expect((await replies(thread))[0]!.text).toHaveLength(1000);
  });
  it('a picture it has not looked through yet is waited for', async () => {
    const thread = await newThread();
    const unready = { ok: true, file: { id: 'F1', mimetype: '' } };
    town.proxy.fail('files.info', { answer: unready }, 2);
    town.proxy.fail('chat.postMessage', { answer: { ok: false, error: 'invalid_blocks' } }, 2);
    const id = await town.bot.post(thread, result, newKey());
    expect((await replies(thread)).map(({ ts }) => ts)).toEqual([id]);
    expect(town.proxy.called('files.info').length).toBeGreaterThanOrEqual(3);
    expect(uploads()).toBe(1);
  });
  it('a picture it takes in no block is shared as a file, with words, and buttons below', async () => {
    const thread = await newThread();
    town.proxy.fail('chat.postMessage', { answer: { ok: false, error: 'invalid_blocks' } }, 4);
    // Slack makes the message a moment after it has said that all is well
    const bot = new SlackPlatform({ ...town.options, port: 1 });
    const id = await bot.post(thread, result, newKey());
    const [shared, buttons, ...more] = await replies(thread);
    expect(shared).toMatchObject({ ts: id, text: '1: remove 2', hasFile: true });
    expect(buttons!.raw).toContain(`about:${id}`);
    expect(buttons!.raw).toContain('"value":"undo"');
    expect(more).toEqual([]);
    // and is not tried in a block again
    town.proxy.calls.length = 0;
    await bot.post(thread, { ...result, actions: [] }, newKey());
    expect(town.proxy.called('chat.postMessage')).toEqual([]);
  });
});

describe('pictures that cannot be had', () => {
  const upload = async (file: object) => {
    await town.event(await town.message({ type: 'app_mention', text: `<@${town.self}>`, files: [file] }));
    await expect.poll(() => town.whispers().length, { timeout: 3000 }).toBe(1);
    await s.quiet();
    return town.whispers()[0]!;
  };
  const html = { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<html>' };
  const signIn = { status: 302, headers: { location: 'https://acme.slack.com/?redir=%2Ffiles-pri' } };
  it.each([
    ['a sign-in page', html],
    ['a way to the sign-in page', signIn],
  ])('%s in place of the file names the scope', async (_, fault) => {
    const file = await town.file(await photo());
    town.proxy.fail(/^\/files-pri/, fault);
    expect(await upload(file)).toContain('files:read');
  });
  it('a missing scope of files.info is named', async () => {
    const answer = { ok: false, error: 'missing_scope', needed: 'files:read' };
    town.proxy.fail('files.info', { answer });
    expect(await upload({ id: 'F1', file_access: 'check_file_info' })).toContain('scope files:read');
  });
  it.each([
    ['Slack Connect', { ok: false, error: 'access_denied' }],
    ['an organisation’s access', { ok: true, file: { id: 'F1', file_access: 'access_restricted' } }],
    [
      'an organisation’s visibility',
      { ok: true, file: { id: 'F1', file_access: 'visible', access: 'not visible' } },
    ],
    ['no address', { ok: true, file: { id: 'F1', file_access: 'check_file_info' } }],
  ])('%s: says who can mend it', async (_, answer) => {
    town.proxy.fail('files.info', { answer });
    expect(await upload({ id: 'F1', file_access: 'check_file_info' })).toMatch(
      /keeps this file from me .* ask an admin/,
    );
  });
  it('a file that is gone', async () => {
    expect(await upload({ id: 'F-gone', file_access: 'check_file_info' })).toMatch(
      /does not show me this file/,
    );
  });
  it('files of Slack Connect are looked up', async () => {
    const { id } = await town.file(await photo());
    const files = [{ id, mode: 'file_access', file_access: 'check_file_info' }];
    await town.event(await town.message({ type: 'app_mention', text: `<@${town.self}>`, files }));
    await s.next('upload');
  });
  it('addresses elsewhere are not asked, and get no token', async () => {
    const elsewhere = new SlackProxy();
    const address = `${await elsewhere.origin()}/files-pri/x.png`;
    const file = { id: 'F1', mimetype: 'image/png', url_private_download: address };
    expect(await upload(file)).toMatch(/own servers/);
    expect(elsewhere.calls).toEqual([]);
    await elsewhere.close();
  });
});

describe('the log', () => {
  it('holds neither tokens nor what people wrote', async () => {
    town.proxy.fail('chat.postEphemeral', { status: 500 }, 5);
    town.proxy.fail('chat.postMessage', 'reset', 5);
    s.handle = () => Promise.reject(new Error('broken'));
    const text = `my secret <@${town.self}>`;
    const root = await town.message();
    await town.event(await town.message({ type: 'app_mention', text, thread_ts: root.ts }));
    await expect.poll(() => s.log.length).toBeGreaterThan(0);
    await s.quiet().catch(() => {});
    expect(JSON.stringify(s.log)).not.toMatch(/my secret|xoxb-/);
  });
});

describe('starting', () => {
  const bot = (more: object) =>
    new SlackPlatform({ ...town.options, port: 20_000 + Math.floor(Math.random() * 20_000), ...more });
  it('names a token that Slack does not accept', async () => {
    town.proxy.fail('auth.test', { answer: { ok: false, error: 'invalid_auth' } });
    const refused = bot({}).start(
      async () => {},
      async () => false,
    );
    await expect(refused).rejects.toBeInstanceOf(UserError);
    await expect(refused).rejects.toThrow(/bot token \(invalid_auth\)/);
  });
  it('names an app token that is none', async () => {
    town.proxy.fail('apps.connections.open', { answer: { ok: false, error: 'not_allowed_token_type' } });
    const refused = bot({ signingSecret: undefined, appToken: 'xapp-2' }).start(
      async () => {},
      async () => false,
    );
    await expect(refused).rejects.toThrow(/connections:write/);
  });
  it('names each scope the app lacks, and what does not work without', async () => {
    const proxy = new SlackProxy();
    const headers = { 'content-type': 'application/json', 'x-oauth-scopes': 'chat:write,commands' };
    proxy.fail('auth.test', { status: 200, headers, body: '{"ok":true,"user_id":"U1"}' }, Infinity);
    const warned: string[] = [];
    const logger = { warn: (_: object, text: string) => void warned.push(text), error() {} };
    const poor = bot({ slackApiUrl: `${await proxy.origin()}/api/`, logger });
    await poor.start(
      async () => {},
      async () => false,
    );
    await poor.stop();
    await proxy.close();
    expect(warned).toHaveLength(8);
    expect(warned).toContain('the Slack app lacks the scope files:write: pictures cannot be sent');
  });
  it('does not end the process when Slack is away, and can be stopped', async () => {
    town.proxy.fail('auth.test', 'reset', 3);
    const away = bot({});
    await expect(
      away.start(
        async () => {},
        async () => false,
      ),
    ).rejects.toThrow();
    await away.stop();
  });
});
