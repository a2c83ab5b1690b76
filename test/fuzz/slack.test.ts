import { afterAll, beforeAll, expect, it } from 'vitest';
import { stage, type Stage } from '../bot/slack/stage.js';
import { photo } from '../support/conversation.js';
import { callback } from '../support/slack.js';
import { fuzz, mutateJson, oneOf, OwnFailures } from './harness.js';

let s: Stage;
const failures = new OwnFailures();
beforeAll(async () => {
  s = await stage({ socket: true });
}, 30_000);
afterAll(async () => {
  failures.close();
  await s.close();
});

/** Everything that Slack tells of, as the double tells it. */
async function payloads() {
  const { town } = s;
  const { channel, ann } = town;
  const root = await town.message();
  const file = await town.file(await photo());
  const said = await town.message({ thread_ts: root.ts, text: 'remove 2' });
  const pressed = {
    ...{ type: 'block_actions', team: { id: 'T1' }, user: { id: ann }, channel: { id: channel } },
    ...{ message: { ts: root.ts, thread_ts: root.ts }, container: { thread_ts: root.ts }, trigger_id: 't' },
  };
  const events = [
    said,
    { ...said, files: [file], text: '<@U1> cut this' },
    { ...said, thread_ts: undefined, files: [file], channel_type: 'im' },
    { ...said, type: 'app_mention', text: `<@${town.self}> help` },
    { type: 'reaction_added', user: ann, reaction: 'three', item: { type: 'message', channel, ts: root.ts } },
  ].map((event) => ['events_api', callback(event)] as const);
  const command = { command: '/dedit', channel_id: channel, user_id: ann, trigger_id: 't', text: '' };
  const form = (callback_id: string, metadata: object, values: object) => ({
    ...{ type: 'view_submission', team: { id: 'T1' }, user: { id: ann } },
    view: { id: 'V1', callback_id, private_metadata: JSON.stringify(metadata), state: { values } },
  });
  const chosen = { channel, thread_ts: root.ts, message: root.ts, number: 2 };
  return [
    ...events,
    ['slash_commands', command] as const,
    ['slash_commands', { ...command, text: 'help' }] as const,
    ...[
      { ...pressed, actions: [{ type: 'button', action_id: 'say-0', block_id: 'b', value: 'undo' }] },
      {
        ...pressed,
        actions: [
          {
            type: 'static_select',
            action_id: 'item',
            block_id: 'b',
            selected_option: { value: '2', text: { text: 'cat' } },
          },
        ],
      },
      form('upload', { channel }, { picture: { picture: { files: [file] } } }),
      form('item', chosen, { verb: { verb: { selected_option: { value: 'remove' } } } }),
      {
        ...{
          type: 'message_action',
          callback_id: 'edit_with_dedit',
          trigger_id: 't',
          team: { id: 'T1' },
          user: { id: ann },
        },
        ...{
          channel: { id: channel },
          message: { ...root, files: [file] },
          response_url: 'http://127.0.0.1:1/',
        },
      },
    ].map((payload) => ['interactive', payload] as const),
  ];
}

it('whatever Slack tells, it is at most a line in the log, and the bot goes on', async () => {
  const known = await payloads();
  const { town } = s;
  await fuzz('slack', async (random) => {
    const told = Array.from({ length: 8 }, () => {
      const [type, payload] = oneOf(random, known);
      const bent = mutateJson(payload, random) as object;
      town.socket!.tell(type, bent);
      return `${type} ${JSON.stringify(bent)?.slice(0, 200)}`;
    });
    await new Promise((done) => setTimeout(done, 20));
    failures.check(told.join('\n'));
    s.told.length = 0;
  });
  s.reset();
  s.talked = () => true;
  const root = await town.message();
  town.socket!.tell('events_api', callback(await town.message({ thread_ts: root.ts, text: 'still there?' })));
  await expect
    .poll(() => s.told.some((event) => event.kind === 'say' && event.text === 'still there?'))
    .toBe(true);
});
