import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { photo } from '../../support/conversation.js';
import { callback, type SlackTown } from '../../support/slack.js';
import type { SlackSocket } from '../../support/slackSocket.js';
import { stage, type Stage } from './stage.js';

let s: Stage;
let town: SlackTown;
let socket: SlackSocket;
beforeAll(async () => {
  s = await stage({ socket: true });
  ({ town } = s);
  socket = town.socket!;
}, 30_000);
afterAll(() => s.close());
beforeEach(() => {
  s.reset();
  s.talked = () => true;
});

const acked = async (envelope: string) => {
  await expect.poll(() => socket.ack(envelope), { timeout: 3000 }).toBeDefined();
  return socket.ack(envelope)!;
};

describe('Socket Mode', () => {
  it('hears events, and acknowledges them before they are stored', async () => {
    let store = () => {};
    const stored = new Promise<void>((done) => (store = done));
    s.handle = () => stored;
    const root = await town.message();
    const said = await town.message({ thread_ts: root.ts, text: 'remove 2' });
    const { afterMs } = await acked(socket.tell('events_api', callback(said)));
    expect(afterMs).toBeLessThan(1000);
    expect(await s.next('say')).toMatchObject({ text: 'remove 2', thread: `${town.channel}:${root.ts}` });
    store();
  });
  it('acts once on an envelope that is told again', async () => {
    const root = await town.message();
    const told = callback(await town.message({ thread_ts: root.ts, text: 'undo' }));
    await acked(socket.tell('events_api', told));
    await acked(socket.tell('events_api', told, { retry_attempt: 1, retry_reason: 'timeout' }));
    await s.next('say');
    await s.quiet();
  });
  it('hears the slash command, with its answer in the acknowledgement', async () => {
    const command = { command: '/dedit', channel_id: town.channel, user_id: town.ann, trigger_id: 't' };
    const { payload } = await acked(socket.tell('slash_commands', { ...command, text: 'remove 2' }));
    expect(payload!.text).toContain('into the thread');
    await acked(socket.tell('slash_commands', { ...command, text: '' }));
    await expect.poll(() => town.proxy.called('views.open').length).toBe(1);
  });
  it('hears forms', async () => {
    const files = [await town.file(await photo())];
    const envelope = socket.tell('interactive', {
      ...{ type: 'view_submission', team: { id: 'T1' }, user: { id: town.ann } },
      view: {
        ...{ id: 'V1', callback_id: 'upload', private_metadata: JSON.stringify({ channel: town.channel }) },
        state: { values: { picture: { picture: { files } } } },
      },
    });
    expect((await acked(envelope)).afterMs).toBeLessThan(1000);
    await s.next('upload');
  });
  it('comes back when Slack recycles the connection, also when Slack is away meanwhile', async () => {
    // the socket client's own answer to such a failure is a rejection that nobody catches: the end of the process
    town.proxy.fail('apps.connections.open', { status: 500 });
    town.proxy.fail('apps.connections.open', 'reset');
    town.proxy.fail('apps.connections.open', { answer: { ok: false, error: 'invalid_auth' } });
    socket.recycle();
    await expect.poll(() => socket.opened, { timeout: 20_000 }).toBe(2);
    await expect.poll(() => socket.connected).toBe(true);
    expect(s.log.some(({ text }) => /no longer accepted \(invalid_auth\)/.test(text))).toBe(true);
    const root = await town.message();
    const said = await town.message({ thread_ts: root.ts, text: 'again' });
    await acked(socket.tell('events_api', callback(said)));
    await s.next('say');
  }, 30_000);
});
