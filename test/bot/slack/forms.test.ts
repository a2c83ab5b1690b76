import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { photo } from '../../support/conversation.js';
import type { SlackTown } from '../../support/slack.js';
import { stage, type Stage } from './stage.js';

let s: Stage;
let town: SlackTown;
/** What came to a `response_url`: told to one person where they are. */
const responses: { text: string; response_type: string }[] = [];
let listener: Server;
let respond: string;
let views = 0;

beforeAll(async () => {
  s = await stage();
  ({ town } = s);
  listener = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      responses.push(JSON.parse(body));
      response.end('ok');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((done) => listener.once('listening', done));
  respond = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/commands/1`;
}, 30_000);
afterAll(async () => {
  await s.close();
  listener.close();
});
beforeEach(() => {
  s.reset();
  responses.length = 0;
});

/** The form the bot opened last. */
const opened = () => JSON.parse(town.proxy.called('views.open').at(-1)!.params.view!);

interface Values {
  readonly [block: string]: object;
}

/** Presses "Send" in a form. */
const submit = (
  view: { callback_id: string; private_metadata: string },
  values: Values,
  id = `V${++views}`,
) =>
  town.interact({
    ...{ type: 'view_submission', team: { id: 'T1' }, user: { id: town.ann } },
    view: {
      ...{ id, callback_id: view.callback_id, private_metadata: view.private_metadata },
      state: {
        values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { [name]: value }])),
      },
    },
  });

describe('/dedit', () => {
  const form = async (channel = town.channel) => {
    const before = town.proxy.called('views.open').length;
    expect((await town.slash({ channel_id: channel, response_url: respond })).status).toBe(200);
    await expect.poll(() => town.proxy.called('views.open').length).toBe(before + 1);
    return opened();
  };

  it('opens a form for a picture, a reference, words and a checkpoint', async () => {
    const view = await form();
    expect(town.proxy.called('views.open')[0]!.params.trigger_id).toBe('t1');
    // nothing is offered that is refused afterwards
    expect(JSON.stringify(view)).not.toMatch(/hei[cf]|bmp/);
    expect(view.blocks.map((b: { element: object }) => b.element)).toMatchObject([
      { type: 'file_input', max_files: 1, filetypes: expect.arrayContaining(['png', 'webp', 'avif']) },
      { type: 'file_input', max_files: 1 },
      { type: 'plain_text_input', max_length: 300 },
      { type: 'static_select', options: [{ value: 'pocket' }, { value: 'sd15' }] },
    ]);
  });
  it('takes what was sent into a thread of its own, once', async () => {
    const view = await form();
    const [picture, reference] = [await photo(), await photo(64, 48)];
    const values = {
      picture: { files: [await town.file(picture)] },
      reference: { files: [await town.file(reference)] },
      items: { value: 'dog, ball' },
      checkpoint: { selected_option: { value: 'sd15' } },
    };
    expect((await submit(view, values, 'V-once')).status).toBe(200);
    await submit(view, values, 'V-once');
    const told = await s.next('upload');
    expect(told).toMatchObject({ checkpoint: 'sd15', items: 'dog, ball', user: town.ann, id: 'V-once' });
    expect(Buffer.compare(Buffer.from(told.picture), Buffer.from(picture))).toBe(0);
    expect(Buffer.compare(Buffer.from(told.references![0]!), Buffer.from(reference))).toBe(0);
    const [root] = await town.thread(told.thread);
    expect(root!.text).toContain(`<@${town.ann}> edits a picture here`);
    await s.quiet();
  });
  it('works without the optional fields', async () => {
    await submit(await form(), {
      picture: { files: [await town.file(await photo())] },
      reference: { files: [] },
      items: { value: null },
      checkpoint: { selected_option: null },
    });
    const told = await s.next('upload');
    expect(Object.keys(told)).not.toContain('references');
    expect(Object.keys(told)).not.toContain('items');
    expect(Object.keys(told)).not.toContain('checkpoint');
  });
  it.each(['channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action'])(
    'goes on in a direct message where the channel is closed to the bot: %s',
    async (error) => {
      const view = await form();
      town.proxy.fail('chat.postMessage', { answer: { ok: false, error } });
      await submit(view, { picture: { files: [await town.file(await photo())] } });
      const told = await s.next('upload');
      expect(told.thread).not.toContain(town.channel);
      const direct = town.proxy.called('chat.postMessage').at(-1)!.params;
      expect(direct.channel).toBe(town.ann);
      expect(direct.text).toContain(`<#${town.channel}> goes on here`);
      expect(responses).toMatchObject([
        { response_type: 'ephemeral', text: expect.stringContaining('in our direct messages') },
      ]);
    },
  );
  it('goes on in a direct message from a private channel the bot is not in', async () => {
    const view = await form(await town.privateChannel('hidden'));
    await submit(view, { picture: { files: [await town.file(await photo())] } });
    await s.next('upload');
    expect(responses[0]!.text).toMatch(/invite the bot into the channel/);
  });
  it('says so where the picture cannot be had, to the person alone', async () => {
    const view = await form();
    const file = await town.file(await photo());
    town.proxy.fail(/^\/files-pri/, {
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>',
    });
    await submit(view, { picture: { files: [file] } });
    await expect.poll(() => responses.length).toBe(1);
    expect(responses[0]!.text).toContain('files:read');
    await s.quiet();
    expect(town.proxy.called('chat.postMessage')).toEqual([]);
  });
  it('says so where the form does not open', async () => {
    town.proxy.fail('views.open', { answer: { ok: false, error: 'expired_trigger_id' } });
    await town.slash({ response_url: respond });
    await expect.poll(() => responses.length).toBe(1);
    expect(responses[0]!.text).toMatch(/try again/);
  });
  it('says so where nothing could be stored, and can be sent again', async () => {
    const view = await form();
    const values = { picture: { files: [await town.file(await photo())] } };
    s.handle = () => Promise.reject(new Error('disk full'));
    await submit(view, values, 'V-again');
    await expect.poll(() => responses.length).toBe(1);
    expect(responses[0]!.text).toMatch(/nothing was done; please try again/);
    expect(JSON.stringify(responses)).not.toContain('disk full');
    s.handle = async () => {};
    s.told.length = 0;
    await submit(view, values, 'V-again');
    await s.next('upload');
  });
  it('finds another way to the person when its address for them is gone', async () => {
    const view = await form();
    const gone = {
      ...view,
      private_metadata: JSON.stringify({ channel: town.channel, respond: `${respond.slice(0, 17)}1/x` }),
    };
    town.proxy.fail('chat.postEphemeral', { answer: { ok: false, error: 'user_not_in_channel' } });
    await submit(gone, { picture: { files: [] } });
    await expect.poll(() => town.whispers().at(-1)).toContain('no picture');
    expect(town.proxy.called('chat.postMessage').at(-1)!.params.channel).toBe(town.ann);
  });
  it('with words says where words go, or everything for "help"', async () => {
    expect(await (await town.slash({ text: 'remove 2' })).text()).toContain('into the thread');
    expect(await (await town.slash({ text: ' help ' })).text()).toContain('replace');
    expect(town.proxy.called('views.open')).toEqual([]);
  });
});

describe('the shortcut "Edit with dedit"', () => {
  let presses = 0;
  const shortcut = (message: object, channel = town.channel) =>
    town.interact({
      ...{ type: 'message_action', callback_id: 'edit_with_dedit', trigger_id: `s${++presses}` },
      ...{
        response_url: respond,
        team: { id: 'T1' },
        user: { id: town.ann },
        channel: { id: channel },
        message,
      },
    });

  it('opens a thread on the message', async () => {
    const message = await town.message({ files: [await town.file(await photo())] });
    await shortcut(message);
    const told = await s.next('upload');
    expect(told).toMatchObject({ thread: `${town.channel}:${message.ts}`, user: town.ann });
    expect((await town.thread(told.thread)).at(-1)!.text).toContain('edits this picture here');
  });
  it('takes the thread of a reply, and leaves one of ours alone', async () => {
    const root = await town.message();
    const reply = await town.message({ thread_ts: root.ts, files: [await town.file(await photo())] });
    await shortcut(reply);
    expect(await s.next('upload')).toMatchObject({ thread: `${town.channel}:${root.ts}` });
    await shortcut(reply);
    expect((await s.next('upload')).thread).not.toContain(root.ts);
  });
  it('goes on in a direct message where the bot may not write', async () => {
    const channel = await town.privateChannel('closed');
    await shortcut({ ...(await town.message()), files: [await town.file(await photo())] }, channel);
    expect((await s.next('upload')).thread).not.toContain(channel);
    expect(responses[0]!.text).toMatch(/invite/);
  });
  it('says so where there is no picture', async () => {
    await shortcut(await town.message());
    await expect
      .poll(() => responses)
      .toMatchObject([{ text: expect.stringContaining('choose one that has') }]);
    await s.quiet();
  });
});

describe('buttons and the menu', () => {
  let presses = 0;
  const press = (action: object, message: object, trigger_id = `p${++presses}`) =>
    town.interact({
      ...{ type: 'block_actions', trigger_id, team: { id: 'T1' }, user: { id: town.ann } },
      ...{ channel: { id: town.channel }, message, actions: [action], response_url: respond },
    });
  const message = { ts: '5.6', thread_ts: '5.5' };
  const button = { type: 'button', action_id: 'say-0', block_id: 'b', value: 'undo' };

  it('a press says its words as a reply to its message, once', async () => {
    await press(button, message, 'same');
    await press(button, message, 'same');
    expect(await s.next('say')).toMatchObject({
      ...{ text: 'undo', replyTo: '5.6', thread: `${town.channel}:5.5`, id: 'same' },
    });
    await s.quiet();
    await press({ ...button, block_id: 'about:5.4' }, message);
    expect(await s.next('say')).toMatchObject({ replyTo: '5.4' });
    await press({ type: 'button', action_id: 'link', block_id: 'b' }, message);
    await s.quiet();
  });
  it('choosing an item opens a form, whose answer is said as a reply to the picture', async () => {
    const selected_option = { value: '3', text: { type: 'plain_text', text: '3 dog' } };
    await press({ type: 'static_select', action_id: 'item', block_id: 'b', selected_option }, message);
    await expect.poll(() => town.proxy.called('views.open').length).toBe(1);
    const view = opened();
    expect(view.title.text).toBe('Item 3 dog');
    const verb = (value: string) => ({ selected_option: { value } });

    const refused = await submit(view, { verb: verb('replace'), words: { value: ' ' } });
    expect(await refused.json()).toEqual({
      response_action: 'errors',
      errors: { words: expect.stringContaining('With what?') },
    });
    await s.quiet();
    await submit(view, { verb: verb('replace'), words: { value: 'a <golden> retriever' } });
    expect(await s.next('say')).toMatchObject({
      text: 'replace 3 with a <golden> retriever',
      replyTo: '5.6',
      thread: `${town.channel}:5.5`,
      user: town.ann,
    });
    await submit(view, { verb: verb('remove'), words: { value: null } });
    expect(await s.next('say')).toMatchObject({ text: 'remove 3' });
  });
  it('the form shows the item that was chosen, as soon as Slack has its picture, and takes it away again', async () => {
    const png = await photo(9, 7);
    const asked: unknown[] = [];
    s.showItem = async (...what) => {
      asked.push(what);
      return { name: 'dog', png };
    };
    town.proxy.stub('views.update', { ok: true });
    const choose = () =>
      press(
        {
          ...{ type: 'static_select', action_id: 'item', block_id: 'about:5.4' },
          selected_option: { value: '3', text: { type: 'plain_text', text: '3 dog' } },
        },
        message,
      );
    await choose();
    await expect.poll(() => town.proxy.called('views.update').length).toBe(1);
    expect(asked).toEqual([[`${town.channel}:5.5`, '5.4', 3]]);
    const { view_id, view } = town.proxy.called('views.update')[0]!.params;
    const [image, ...questions] = JSON.parse(view!).blocks as { type: string; slack_file: { id: string } }[];
    expect([view_id, image!.type]).toEqual(['V1', 'image']);
    expect(Buffer.compare(await town.bytesOf(image!.slack_file.id), Buffer.from(png))).toBe(0);
    // the questions stay what they were: what is filled in already is kept
    expect(questions).toEqual(opened().blocks);
    await town.interact({
      ...{ type: 'view_closed', team: { id: 'T1' }, user: { id: town.ann } },
      view: { id: 'V1', callback_id: 'item', private_metadata: '{}' },
    });
    await expect.poll(() => town.proxy.called('files.delete').length).toBe(1);
    expect(town.proxy.called('files.delete')[0]!.params.file).toBe(image!.slack_file.id);

    // closed before its picture was there: nothing is left behind, and nobody is troubled
    town.proxy.fail('views.update', { answer: { ok: false, error: 'not_found' } });
    await choose();
    await expect.poll(() => town.proxy.called('files.delete').length).toBe(2);
    expect([responses, s.log.map(({ level }) => level)]).toEqual([[], ['warn']]);
  });
  it('a person hears when what they pressed could not be stored', async () => {
    s.handle = () => Promise.reject(new Error('disk full'));
    await press(button, message);
    await expect.poll(() => responses.length).toBe(1);
    expect(responses[0]!.text).toMatch(/please try again/);
    expect(s.log.some(({ level, text }) => level === 'error' && /failed/.test(text))).toBe(true);
  });
  it('everything is acknowledged before it is stored, and stopping waits for the store', async () => {
    let store = () => {};
    const stored = new Promise<void>((done) => (store = done));
    s.handle = () => stored;
    const began = Date.now();
    expect((await press(button, message)).status).toBe(200);
    expect(Date.now() - began).toBeLessThan(3000); // Slack's patience
    await s.next('say');
    store();
  });
});
