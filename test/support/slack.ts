import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { SCOPES } from '../../src/bot/slack/names.js';
import { SlackPlatform, type SlackOptions } from '../../src/bot/slack/platform.js';
import { SlackProxy } from './slackProxy.js';
import { SlackSocket } from './slackSocket.js';

const SIGNING_SECRET = 'a signing secret';
const BOT = 'xoxb-dedit';
const PERSON = 'xoxp-ann';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** The workspace: the bot with the scopes it asks for and no others, and Ann, who may do everything. */
const workspace = {
  slack: {
    users: [{ name: 'dedit' }, { name: 'ann' }, { name: 'bo' }],
    channels: [{ name: 'pictures' }, { name: 'secret', is_private: true }],
    tokens: [
      { token: BOT, user: 'dedit', type: 'bot', scopes: Object.keys(SCOPES) },
      {
        token: PERSON,
        user: 'ann',
        type: 'user',
        scopes: [
          ...Object.keys(SCOPES),
          ...['channels:read', 'groups:read', 'channels:write', 'groups:write', 'im:write', 'im:read'],
          ...['channels:manage', 'users:read', 'reactions:write'],
        ],
      },
    ],
    strict_scopes: true,
  },
};

export interface Message {
  readonly ts: string;
  readonly text: string;
  readonly raw: string;
  readonly hasFile: boolean;
}

/**
 * Slack by others (npm's `emulate`): Web API, files, threads, scopes. It tells nobody of events, so those are signed and
 * sent here as Slack does (docs.slack.dev/authentication/verifying-requests-from-slack), or go through a socket. The bot
 * reaches it through a proxy that can fail.
 */
export class SlackTown {
  private constructor(
    private readonly emulator: ChildProcess,
    readonly proxy: SlackProxy,
    readonly socket: SlackSocket | undefined,
    readonly client: WebClient,
    readonly bot: SlackPlatform,
    readonly options: SlackOptions,
    readonly channel: string,
    readonly self: string,
    readonly ann: string,
  ) {}

  /** @param socket whether the bot connects by Socket Mode */
  static async open(more: Partial<SlackOptions> & { socket?: boolean } = {}): Promise<SlackTown> {
    const { socket: bySocket, ...given } = more;
    const [at, port] = [await freePort(), await freePort()];
    const proxy = new SlackProxy(() => `http://127.0.0.1:${at}`);
    const origin = await proxy.origin();
    const dir = mkdtempSync(join(tmpdir(), 'dedit-slack-'));
    const seed = join(dir, 'seed.json');
    writeFileSync(seed, JSON.stringify(workspace));
    const args = ['--service', 'slack', '--seed', seed, '-p', String(at), '--base-url', origin];
    const emulator = spawn(process.execPath, ['node_modules/emulate/dist/index.js', ...args], {
      stdio: 'ignore',
    });
    const client = new WebClient(PERSON, {
      slackApiUrl: `http://127.0.0.1:${at}/api/`,
      retryConfig: { retries: 40, factor: 1, minTimeout: 100, maxTimeout: 300 },
    });
    const { user_id } = await client.auth.test();
    rmSync(dir, { recursive: true });
    const { channels } = await client.conversations.list();
    const { members } = await client.users.list({});
    const user = (name: string) => members!.find((member) => member.name === name)!.id!;
    // what the emulator leaves to Slack's clients: a form that opens
    proxy.stub('views.open', { ok: true, view: { id: 'V1' } });
    const socket = bySocket ? await SlackSocket.open(proxy) : undefined;
    const options: SlackOptions = {
      botToken: BOT,
      ...(bySocket ? { appToken: 'xapp-1' } : { signingSecret: SIGNING_SECRET, port }),
      checkpoints: ['pocket', 'sd15'],
      slackApiUrl: `${origin}/api/`,
      allowedHosts: [origin],
      editIntervalMs: 50,
      postIntervalMs: 0,
      fileWaitMs: 20,
      apiTimeoutMs: 2000,
      ...given,
    };
    const channel = channels!.find(({ name }) => name === 'pictures')!.id!;
    return new SlackTown(
      ...([emulator, proxy, socket, client, new SlackPlatform(options), options, channel] as const),
      user('dedit'),
      user_id!,
    );
  }

  async close(): Promise<void> {
    await this.socket?.close();
    await this.proxy.close();
    this.emulator.kill();
  }

  /** A request as Slack signs it. */
  async send(
    body: string,
    type = 'application/json',
    { at = Math.floor(Date.now() / 1000), secret = SIGNING_SECRET } = {},
  ): Promise<Response> {
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
    return await fetch(`http://localhost:${this.options.port}/slack/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': type,
        'x-slack-request-timestamp': String(at),
        'x-slack-signature': signature,
      },
    });
  }

  async event(event: object): Promise<Response> {
    return await this.send(JSON.stringify(callback(event)));
  }

  async interact(payload: object): Promise<Response> {
    return await this.send(
      new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
      'application/x-www-form-urlencoded',
    );
  }

  async slash(more: Record<string, string> = {}): Promise<Response> {
    const form = {
      command: '/dedit',
      text: '',
      channel_id: this.channel,
      user_id: this.ann,
      trigger_id: 't1',
    };
    return await this.send(
      new URLSearchParams({ ...form, ...more }).toString(),
      'application/x-www-form-urlencoded',
    );
  }

  /** A message of Ann's, as the event that tells of it. */
  async message(more: object = {}): Promise<{ ts: string; channel: string; user: string; type: string }> {
    const { ts } = await this.client.chat.postMessage({ channel: this.channel, text: 'hello' });
    return { type: 'message', channel: this.channel, ts: ts!, user: this.ann, ...more };
  }

  /** A file of Ann's, in the channel, where the bot may see it. */
  async file(bytes: Uint8Array, filename = 'p.png'): Promise<{ id: string; url_private_download: string }> {
    const uploaded = (await this.client.filesUploadV2({
      ...{ file: Buffer.from(bytes), filename, channel_id: this.channel },
    })) as unknown as { files: { files: { id: string }[] }[] };
    const { file } = await this.client.files.info({ file: uploaded.files[0]!.files[0]!.id });
    return file as { id: string; url_private_download: string };
  }

  /** What lies behind the id of one of the bot's files. */
  async bytesOf(file: string): Promise<Buffer> {
    const found = await new WebClient(BOT, { slackApiUrl: this.options.slackApiUrl! }).files.info({ file });
    const { url_private_download } = found.file as { url_private_download: string };
    const headers = { authorization: `Bearer ${BOT}` };
    return Buffer.from(await (await fetch(url_private_download, { headers })).arrayBuffer());
  }

  /** A private channel of Ann's that the bot is not in. */
  async privateChannel(name: string): Promise<string> {
    const { channel } = await this.client.conversations.create({ name, is_private: true });
    return channel!.id!;
  }

  /** The messages of a thread, oldest first. */
  async thread(thread: string): Promise<Message[]> {
    const [channel, ts] = thread.split(':') as [string, string];
    const { messages } = await this.client.conversations.replies({ channel, ts });
    return (messages ?? []).map((m) => ({
      ts: m.ts!,
      text: m.text ?? '',
      raw: JSON.stringify(m),
      hasFile: (m.files?.length ?? 0) > 0 || JSON.stringify(m).includes('"slack_file"'),
    }));
  }

  /** What the bot told Ann alone, wherever. */
  whispers(): string[] {
    return [
      ...this.proxy.called('chat.postEphemeral'),
      ...this.proxy.called('chat.postMessage').filter(({ params }) => params.channel === this.ann),
    ].map(({ params }) => params.text ?? '');
  }
}

/** An event in its envelope (docs.slack.dev/apis/events-api, "Callback field"). */
export const callback = (event: object): object => ({
  ...{ type: 'event_callback', event_id: randomUUID(), team_id: 'T1', api_app_id: 'A1' },
  event,
});
