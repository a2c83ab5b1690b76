/** What keeps `dedit start` from starting, as the person who runs it meets it: one line that says what to do. */
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../src/app/checkpoints.js';
import { machineTrouble } from '../src/app/trouble.js';
import { freePort, temporaryFolder } from './fixtures.js';
import { TinyDisk } from './support/tinyDisk.js';

/** One for all: making a database is what takes longest. */
const DATA_DIR = temporaryFolder();

async function start(env: Record<string, string>) {
  const child = spawn(process.execPath, [join(PACKAGE_ROOT, 'bin', 'dedit.js'), 'start'], {
    cwd: temporaryFolder(),
    env: { PATH: process.env.PATH, LOG_LEVEL: 'silent', WEB: 'off', DATA_DIR, ...env },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  return { status, stderr };
}

/** Answers as Discord and Slack answer a token that they do not know. */
const refuses = createServer((request, response) => {
  const slack = request.url!.includes('auth.test');
  response.writeHead(slack ? 200 : 401, { 'Content-Type': 'application/json' });
  response.end(
    JSON.stringify(slack ? { ok: false, error: 'invalid_auth' } : { message: '401: Unauthorized', code: 0 }),
  );
});
const at = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const NOBODY = 'http://127.0.0.1:1';
const SLACK = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' };

beforeAll(() => new Promise<void>((resolve) => refuses.listen(0, '127.0.0.1', resolve)));
afterAll(() => void refuses.close());

describe('one line says what to do about', () => {
  it.each<[string, () => Promise<Record<string, string>>, RegExp]>([
    [
      'an address in use',
      async () => ({ WEB: 'on', WEB_PORT: String((refuses.address() as AddressInfo).port) }),
      /cannot be listened on \(EADDRINUSE\): another program .* set WEB_PORT/,
    ],
    [
      "Slack's port in use",
      async () => ({
        ...{ SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'a', SLACK_API_URL: `${at(welcomes)}/` },
        SLACK_PORT: String((refuses.address() as AddressInfo).port),
      }),
      /EADDRINUSE.* set SLACK_PORT/,
    ],
    [
      'a Discord that cannot be reached',
      async () => ({ DISCORD_TOKEN: 'x', DISCORD_API_URL: NOBODY }),
      /Discord cannot be reached \(ECONNREFUSED\): check the network/,
    ],
    [
      'a Slack that cannot be reached',
      async () => ({ ...SLACK, SLACK_API_URL: `${NOBODY}/` }),
      /Slack cannot be reached \(.+\): check the network/,
    ],
    [
      'a token that Discord does not know',
      async () => ({ DISCORD_TOKEN: 'x', DISCORD_API_URL: at(refuses) }),
      /Discord does not accept the token; copy it anew/,
    ],
    [
      'a token that Slack does not know',
      async () => ({ ...SLACK, SLACK_API_URL: `${at(refuses)}/` }),
      /Slack does not accept the bot token \(invalid_auth\): copy it anew/,
    ],
    ['a port that is none', async () => ({ WEB: 'on', WEB_PORT: await none() }), /WEB_PORT/],
  ])(
    '%s',
    async (_, env, line) => {
      const { status, stderr } = await start(await env());
      expect(stderr).toMatch(/^dedit: [^\n]+\n$/);
      expect(stderr).toMatch(line);
      expect(stderr).not.toContain('bug');
      expect(status).toBe(1);
    },
    70_000,
  );

  it.runIf(TinyDisk.possible)('a full disk', async () => {
    const disk = new TinyDisk();
    try {
      disk.fill(1);
      const { status, stderr } = await start({ DATA_DIR: join(disk.dir, 'data') });
      expect(stderr).toMatch(/^dedit: [^\n]*the disk is full: make room[^\n]*\n$/);
      expect(status).toBe(1);
    } finally {
      disk.close();
    }
  });
});

const none = async (): Promise<string> => String(65_536 + (await freePort()));
/** Says of any token that it is good. */
const welcomes = createServer((_, response) =>
  response
    .writeHead(200, { 'Content-Type': 'application/json' })
    .end(JSON.stringify({ ok: true, user_id: 'U1', bot_id: 'B1', user: 'dedit', team: 'T' })),
);
beforeAll(() => new Promise<void>((resolve) => welcomes.listen(0, '127.0.0.1', resolve)));
afterAll(() => void welcomes.close());

it('what the machine refuses is found behind what it caused; everything else is a bug', () => {
  const full = Object.assign(new Error('write'), { code: 'ENOSPC', path: '/data/x' });
  for (const error of [
    full,
    new Error('a', { cause: full }),
    new AggregateError([new Error('b', { cause: full })]),
  ])
    expect(machineTrouble(error)?.message).toMatch(/^\/data\/x: the disk is full/);
  expect(machineTrouble({ name: 'ErrnoError', errno: 51 })?.message).toMatch(/^the disk is full/);
  for (const bug of [new TypeError('x is undefined'), { errno: 51 }, undefined, 'text'])
    expect(machineTrouble(bug)).toBeUndefined();
});
