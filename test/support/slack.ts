import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { WebClient } from '@slack/web-api';
import { SlackPlatform } from '../../src/bot/slack/platform.js';

const SIGNING_SECRET = 'a signing secret';
const TOKEN = 'test_token_admin';

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/**
 * Slack by others (npm's `emulate`): Web API, files, threads, reactions. It tells nobody of events, so those are
 * signed and sent here as Slack does (docs.slack.dev/authentication/verifying-requests-from-slack).
 */
export class SlackTown {
  private constructor(
    private readonly emulator: ChildProcess,
    readonly client: WebClient,
    readonly bot: SlackPlatform,
    private readonly port: number,
    readonly channel: string,
    readonly self: string,
  ) {}

  static async open(): Promise<SlackTown> {
    const [at, port] = [await freePort(), await freePort()];
    const emulator = spawn(
      process.execPath,
      ['node_modules/emulate/dist/index.js', '--service', 'slack', '-p', String(at)],
      {
        stdio: 'ignore',
      },
    );
    const slackApiUrl = `http://localhost:${at}/api/`;
    const client = new WebClient(TOKEN, {
      slackApiUrl,
      retryConfig: { retries: 20, minTimeout: 100, maxTimeout: 300 },
    });
    const { user_id } = await client.auth.test();
    const { channels } = await client.conversations.list();
    const bot = new SlackPlatform({
      ...{ botToken: TOKEN, signingSecret: SIGNING_SECRET, port, checkpoints: ['pocket'], slackApiUrl },
      allowedHosts: [`http://localhost:${at}`],
      editIntervalMs: 50,
    });
    return new SlackTown(emulator, client, bot, port, channels![0]!.id!, user_id!);
  }

  async close(): Promise<void> {
    this.emulator.kill();
  }

  /** A request as Slack signs it. */
  async send(
    body: string,
    type = 'application/json',
    { at = Math.floor(Date.now() / 1000), secret = SIGNING_SECRET } = {},
  ): Promise<Response> {
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`;
    return await fetch(`http://localhost:${this.port}/slack/events`, {
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
    return await this.send(
      JSON.stringify({
        type: 'event_callback',
        event_id: randomUUID(),
        team_id: 'T1',
        api_app_id: 'A1',
        event,
      }),
    );
  }

  async interact(payload: object): Promise<Response> {
    return await this.send(
      new URLSearchParams({ payload: JSON.stringify(payload) }).toString(),
      'application/x-www-form-urlencoded',
    );
  }

  /** A file as a person shares it; lies in the emulator, without a message. */
  async file(bytes: Uint8Array): Promise<object> {
    const uploaded = (await this.client.filesUploadV2({
      file: Buffer.from(bytes),
      filename: 'p.png',
    })) as unknown as {
      files: { files: { id: string }[] }[];
    };
    const { file } = await this.client.files.info({ file: uploaded.files[0]!.files[0]!.id });
    return file!;
  }

  /** The texts of a thread, oldest first. */
  async thread(thread: string): Promise<{ ts: string; text: string; raw: string; hasFile: boolean }[]> {
    const [channel, ts] = thread.split(':') as [string, string];
    const { messages } = await this.client.conversations.replies({ channel, ts });
    return (messages ?? []).map((m) => ({
      ts: m.ts!,
      text: m.text ?? '',
      raw: JSON.stringify(m),
      hasFile: (m.files?.length ?? 0) > 0,
    }));
  }
}
