import { readFileSync } from 'node:fs';
import type { App } from '@slack/bolt';
import type { AppsManifestCreateArguments } from '@slack/web-api';
import { expect, it } from 'vitest';
import { Listener } from '../../../src/bot/slack/listener.js';
import { COMMAND, EVENTS, SCOPES, SHORTCUT } from '../../../src/bot/slack/names.js';

const manifest = JSON.parse(
  readFileSync('docs/slack-manifest.json', 'utf8'),
) as AppsManifestCreateArguments['manifest'];
const docs = readFileSync('docs/slack.md', 'utf8');

/** What the listener asks Bolt for. */
function attached() {
  const asked: Record<string, unknown[]> = {};
  const note =
    (what: string) =>
    (name: unknown): void =>
      void (asked[what] ??= []).push(name);
  const app = {
    ...{ event: note('event'), command: note('command'), shortcut: note('shortcut') },
    ...{ view: note('view'), action: note('action'), message: () => note('event')('message'), error() {} },
  };
  new Listener(...([{}, {}, {}, () => ({}), async () => {}, { checkpoints: [] }] as never as Args)).attach(
    app as unknown as App,
  );
  return asked;
}
type Args = ConstructorParameters<typeof Listener>;

it('the manifest tells Slack of exactly what is listened to', () => {
  const asked = attached();
  const events = manifest.settings!.event_subscriptions!.bot_events!;
  expect(events).toEqual([...EVENTS]);
  expect(new Set(events.map((name) => name.replace(/^message\..*/, 'message')))).toEqual(
    new Set(asked.event),
  );
  expect(asked.command).toEqual([COMMAND]);
  expect(manifest.features!.slash_commands!.map(({ command }) => command)).toEqual([COMMAND]);
  expect(asked.shortcut).toEqual([SHORTCUT]);
  expect(manifest.features!.shortcuts).toMatchObject([{ callback_id: SHORTCUT, type: 'message' }]);
});

it('the manifest asks for the least, by Socket Mode', () => {
  expect(manifest.oauth_config!.scopes).toEqual({ bot: Object.keys(SCOPES) });
  expect(manifest.settings).toMatchObject({
    ...{ socket_mode_enabled: true, interactivity: { is_enabled: true } },
  });
});

it('the manifest keeps to Slack’s limits', () => {
  const { name, description } = manifest.display_information;
  const { shortcuts, slash_commands, bot_user } = manifest.features!;
  expect(name.length).toBeLessThanOrEqual(35);
  expect(description!.length).toBeLessThanOrEqual(140);
  expect(bot_user!.display_name.length).toBeLessThanOrEqual(80);
  for (const shortcut of shortcuts!) {
    expect(shortcut.name.length).toBeLessThanOrEqual(24);
    expect(shortcut.description.length).toBeLessThanOrEqual(150);
  }
  for (const { description: said } of slash_commands!) expect(said.length).toBeLessThanOrEqual(2000);
});

it('every scope is explained', () => {
  for (const scope of Object.keys(SCOPES)) expect(docs).toContain(`\`${scope}\``);
});
