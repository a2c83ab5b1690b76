/** Settings reach the platforms that they are for. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.js';
import type { Dedit } from '../../src/app/dedit.js';
import { maskLinks, platformsOf } from '../../src/app/platforms.js';
import { makeLogger } from '../../src/app/service.js';

const platforms = (env: NodeJS.ProcessEnv) => {
  const config = readConfig({ WEB: 'off', LOG_LEVEL: 'silent', ...env }, 'no such file');
  return platformsOf(config, {} as Dedit, 'secret', makeLogger(config)) as unknown as { options: object }[];
};

it('where pictures may be begun, by whom, and where the API is: Discord', () => {
  const [discord] = platforms({
    ...{ DISCORD_TOKEN: 't', DISCORD_CHANNELS: '1, 2', DISCORD_ROLES: '3', DISCORD_SHARDS: '4' },
    DISCORD_API_URL: 'http://127.0.0.1:9/api',
  });
  expect(discord!.options).toMatchObject({
    ...{ only: { channels: ['1', '2'], roles: ['3'] }, shardCount: 4 },
    rest: { api: 'http://127.0.0.1:9/api' },
    allowedHosts: expect.arrayContaining(['http://127.0.0.1:9', 'cdn.discordapp.com']),
  });
  expect(platforms({ DISCORD_TOKEN: 't' })[0]!.options).toMatchObject({ only: { channels: [], roles: [] } });
});

it('and Slack, with how it shows pictures', () => {
  const tokens = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };
  const [slack] = platforms({
    ...{ ...tokens, SLACK_CHANNELS: 'C1,C2', SLACK_PICTURES: 'files' },
    SLACK_API_URL: 'http://127.0.0.1:9/api/',
  });
  expect(slack!.options).toMatchObject({
    ...{ channels: ['C1', 'C2'], pictures: 'files', slackApiUrl: 'http://127.0.0.1:9/api/' },
    allowedHosts: expect.arrayContaining(['http://127.0.0.1:9', 'files.slack.com']),
  });
  expect(platforms(tokens)[0]!.options).toMatchObject({ channels: [], pictures: 'blocks' });
});

it('signed HTTP for Slack listens on this machine, unless the settings name another address', () => {
  const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's' };
  expect(platforms(slack)[0]!.options).toMatchObject({ host: '127.0.0.1', port: 3001 });
  expect(platforms({ ...slack, SLACK_HOST: '0.0.0.0' })[0]!.options).toMatchObject({ host: '0.0.0.0' });
  expect(readFileSync('docs/slack.md', 'utf8')).toMatch(
    /listens on this machine only.*`SLACK_HOST=0\.0\.0\.0`/s,
  );
});

it('links to the mask editor go where people can open them', () => {
  const link = (env: NodeJS.ProcessEnv, platform: string) =>
    maskLinks(readConfig(env, 'no such file'), 'secret')('s', 'u', 1, platform);
  expect(link({}, 'discord')).toBeUndefined();
  expect(link({}, 'slack')).toBeUndefined();
  expect(link({ WEB_PORT: '3456' }, 'web')).toMatch(/^http:\/\/localhost:3456\/mask\//);
  expect(link({ PUBLIC_URL: 'https://d.example' }, 'discord')).toMatch(/^https:\/\/d\.example\/mask\//);
  expect(link({ PUBLIC_URL: 'https://d.example', WEB: 'off' }, 'web')).toBeUndefined();
});

it("what a platform's client leaves uncaught is a line in the log, and not the end", () => {
  const program = `
    const { outlive } = await import('./dist/app/service.js');
    outlive({ error: ({ err }) => console.log('logged', err.message) });
    void Promise.reject(new Error('a packet'));
    setTimeout(() => console.log('alive'), 20);`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString();
  expect(said).toBe('logged a packet\nalive\n');
});
