import { App } from '@slack/bolt';
import { ErrorCode, type WebClient } from '@slack/web-api';
import { Pacer } from '../pacer.js';
import { download, DownloadError } from '../download.js';
import { fitPicture } from '../fitPicture.js';
import { type EventHandler, type Platform, PostRefused, type Reply } from '../platform.js';
import { emojiOf } from './emoji.js';
import { answeredBy, blocksOf, escape, unescape } from './render.js';

export interface SlackOptions {
  readonly botToken: string;
  /** Socket Mode, the default: no public address is needed. */
  readonly appToken?: string | undefined;
  /** Signed HTTP instead, at /slack/events. */
  readonly signingSecret?: string | undefined;
  readonly port?: number;
  readonly checkpoints: readonly string[];
  readonly logger?: { warn(fields: object, text: string): void; error(fields: object, text: string): void };
  /** For tests: where the Web API is, and where files may come from. */
  readonly slackApiUrl?: string;
  readonly allowedHosts?: readonly string[];
  readonly editIntervalMs?: number;
}

interface SlackFile {
  readonly id: string;
  readonly mimetype?: string;
  readonly url_private?: string;
  readonly url_private_download?: string;
  readonly file_access?: string;
}

/** What we read of a message event. */
interface SlackMessage {
  readonly channel: string;
  readonly channel_type?: string;
  readonly ts: string;
  readonly thread_ts?: string;
  readonly user?: string;
  readonly bot_id?: string;
  readonly subtype?: string;
  readonly text?: string;
  readonly files?: readonly SlackFile[];
}

const FILE_HOSTS = ['files.slack.com'];
const MAX_PICTURE = 25 * 1024 * 1024;
/** Slack takes a gigabyte; a thread does not want it. */
const MAX_POST = 20 * 1024 * 1024;
const FETCH_TIMEOUT = 20_000;
const API_TIMEOUT = 15_000;
/** A shared file gets its message a moment after the upload: asked for so often, so many ms apart. */
const SHARE_TRIES = 20;
const SHARE_WAIT = 300;
const USE_THREAD =
  'Send a picture with `/dedit`, or mention me with a picture; then say in its thread what to change. Slack does not pass slash commands from inside threads.';
/** Errors that stay: trying again changes nothing. What to do about each. */
const FINAL: Readonly<Record<string, string>> = {
  channel_not_found: 'the channel is gone',
  not_in_channel: 'invite the bot into the channel first',
  is_archived: 'the channel is archived',
  thread_not_found: 'the thread is gone',
  account_inactive: 'the bot token was revoked: install the app anew',
  invalid_auth: 'the bot token is not valid: see docs/slack.md',
};

/** Threads of a channel are `${channel}:${ts}`; a direct message is one thread a picture, too. */
const threadOf = (channel: string, ts: string): string => `${channel}:${ts}`;

/** The conversation on Slack, by Bolt. */
export class SlackPlatform implements Platform {
  readonly name = 'slack' as const;
  readonly #app: App;
  readonly #pacer: Pacer;
  #handle: EventHandler = async () => {};
  #self: { user: string | undefined; bot: string | undefined } = { user: undefined, bot: undefined };

  constructor(private readonly options: SlackOptions) {
    const { botToken, appToken, signingSecret, slackApiUrl, logger } = options;
    this.#pacer = new Pacer(options.editIntervalMs ?? 1200, (error) =>
      logger?.warn({ err: error }, 'a message could not be edited'),
    );
    this.#app = new App({
      token: botToken,
      ...(appToken && !signingSecret
        ? { appToken, socketMode: true }
        : { signingSecret: signingSecret ?? '' }),
      // the outbox tries again by itself: the client's own half hour of retries would hold up a thread
      clientOptions: {
        timeout: API_TIMEOUT,
        retryConfig: { retries: 1 },
        rejectRateLimitedCalls: true,
        ...(slackApiUrl ? { slackApiUrl } : {}),
      },
    });
    this.#listen();
  }

  get #client(): WebClient {
    return this.#app.client as unknown as WebClient;
  }

  async start(handle: EventHandler): Promise<void> {
    this.#handle = handle;
    const { user_id: user, bot_id: bot } = await this.#client.auth.test();
    this.#self = { user, bot };
    if (this.options.signingSecret) await this.#app.start(this.options.port ?? 3001);
    else await this.#app.start();
  }

  async stop(): Promise<void> {
    await this.#pacer.flush();
    await this.#app.stop();
  }

  #listen(): void {
    const app = this.#app;
    const guard = async (
      channel: string,
      user: string | undefined,
      work: () => Promise<void>,
    ): Promise<void> => {
      try {
        await work();
      } catch (error) {
        // what a person did wrong is said to them alone; the rest is for the log
        this.options.logger?.error({ err: error }, 'an event could not be handled');
        const text = error instanceof DownloadError ? fetchTrouble(error) : undefined;
        if (text && user)
          await this.#client.chat.postEphemeral({ channel, user, text: escape(text) }).catch(() => {});
      }
    };
    app.event('app_mention', async ({ event }) => {
      const message = event as unknown as SlackMessage;
      await guard(message.channel, message.user, () => this.#message(message, true));
    });
    app.message(async ({ message: told }) => {
      const message = told as unknown as SlackMessage;
      const shared =
        message.subtype === undefined ||
        message.subtype === 'file_share' ||
        message.subtype === 'thread_broadcast';
      if (!shared || message.bot_id || !message.user || message.user === this.#self.user) return;
      // a mention comes as an event of its own too; both have the same id, and are acted on once
      const mentioned = message.text?.includes(`<@${this.#self.user}>`) ?? false;
      await guard(message.channel, message.user, () =>
        this.#message(message, mentioned || message.channel_type === 'im'),
      );
    });
    app.event('reaction_added', async ({ event }) => {
      const { item, user, reaction } = event;
      const emoji = emojiOf(reaction);
      if (!emoji || item.type !== 'message' || user === this.#self.user) return;
      await guard(item.channel, user, () => this.#reaction(item.channel, item.ts, user, emoji));
    });
    app.command('/dedit', async ({ ack, command, client }) => {
      if (command.text.trim()) return await ack({ response_type: 'ephemeral', text: USE_THREAD });
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: this.#uploadView(command.channel_id) });
    });
    app.view('upload', async ({ ack, view, body, client }) => {
      await ack();
      const channel = view.private_metadata;
      const { values } = view.state;
      const file = values.picture?.picture?.files?.[0] as SlackFile | undefined;
      const checkpoint = values.checkpoint?.checkpoint?.selected_option?.value;
      await guard(channel, body.user.id, async () => {
        if (!file) return;
        const picture = await this.#fetch(file);
        const { ts } = await client.chat.postMessage({
          channel,
          text: `<@${body.user.id}> edits a picture here.`,
        });
        await this.#handle({
          ...{ id: view.id, platform: this.name, thread: threadOf(channel, ts!), user: body.user.id },
          ...{ kind: 'upload', picture, ...(checkpoint ? { checkpoint } : {}) },
        });
      });
    });
    app.shortcut('edit_with_dedit', async ({ ack, shortcut }) => {
      await ack();
      if (shortcut.type !== 'message_action') return;
      const { channel, message, user } = shortcut;
      await guard(channel.id, user.id, async () => {
        const file = (message.files as SlackFile[] | undefined)?.[0];
        if (!file)
          return void (await this.#client.chat.postEphemeral({
            ...{
              channel: channel.id,
              user: user.id,
              text: 'That message has no picture: choose one that has.',
            },
          }));
        await this.#upload(
          { channel: channel.id, ts: message.ts, user: user.id, id: shortcut.action_ts },
          file,
        );
      });
    });
    app.action('link', async ({ ack }) => ack());
    app.action(/^(?:say-\d|remove-item)$/, async ({ ack, action, body }) => {
      await ack();
      const pressed = body as unknown as {
        user: { id: string };
        channel: { id: string };
        message: { ts: string; thread_ts?: string };
        trigger_id: string;
      };
      const chosen = action as { block_id?: string; value?: string; selected_option?: { value: string } };
      const text = chosen.value ?? chosen.selected_option?.value;
      if (!text) return;
      const { channel, message, user } = pressed;
      await this.#handle({
        ...{
          id: pressed.trigger_id,
          platform: this.name,
          user: user.id,
          kind: 'say',
          text,
          replyTo: answeredBy(chosen.block_id, message.ts),
        },
        thread: threadOf(channel.id, message.thread_ts ?? message.ts),
      });
    });
    app.error(async (error) => this.options.logger?.error({ err: error }, 'Slack'));
  }

  #uploadView(channel: string) {
    const options = this.options.checkpoints.slice(0, 100).map((name) => ({
      text: { type: 'plain_text' as const, text: name.slice(0, 75) },
      value: name.slice(0, 150),
    }));
    return {
      type: 'modal' as const,
      callback_id: 'upload',
      private_metadata: channel,
      title: { type: 'plain_text' as const, text: 'Edit a picture' },
      submit: { type: 'plain_text' as const, text: 'Send' },
      blocks: [
        {
          type: 'input' as const,
          block_id: 'picture',
          label: { type: 'plain_text' as const, text: 'Picture' },
          element: {
            type: 'file_input' as const,
            action_id: 'picture',
            filetypes: ['png', 'jpg', 'jpeg', 'webp', 'gif'],
            max_files: 1,
          },
        },
        {
          type: 'input' as const,
          block_id: 'checkpoint',
          optional: true,
          label: { type: 'plain_text' as const, text: 'Checkpoint' },
          element: { type: 'static_select' as const, action_id: 'checkpoint', options },
        },
      ],
    };
  }

  /** @param addressed whether the bot was meant, so that a picture is an upload */
  async #message(message: SlackMessage, addressed: boolean): Promise<void> {
    const { channel, ts, thread_ts, user, files } = message;
    if (!user) return;
    const id = `${channel}-${ts}`;
    const text = unescape(message.text ?? '');
    if (!thread_ts && files?.[0] && addressed) return await this.#upload({ channel, ts, user, id }, files[0]);
    if (!thread_ts) {
      if (addressed)
        await this.#client.chat.postEphemeral({
          channel,
          user,
          text: 'Send a picture with it, then I cut it into items.',
        });
      return;
    }
    const attachment = files?.[0] ? await this.#fetch(files[0]) : undefined;
    await this.#handle({
      ...{ id, platform: this.name, thread: threadOf(channel, thread_ts), user, kind: 'say', text },
      ...(attachment ? { attachment } : {}),
    });
  }

  async #upload(
    at: { channel: string; ts: string; user: string; id: string },
    file: SlackFile,
  ): Promise<void> {
    const picture = await this.#fetch(file);
    const thread = threadOf(at.channel, at.ts);
    await this.#handle({ id: at.id, platform: this.name, thread, user: at.user, kind: 'upload', picture });
  }

  async #reaction(channel: string, ts: string, user: string, emoji: string): Promise<void> {
    // a reaction names its message only: the thread is asked for
    const { messages } = await this.#client.conversations.replies({ channel, ts, limit: 1 });
    const message = messages?.[0];
    if (!message?.thread_ts || (message.user !== this.#self.user && message.bot_id !== this.#self.bot))
      return;
    await this.#handle({
      ...{
        id: `${channel}-${ts}-${user}-${emoji}`,
        platform: this.name,
        user,
        kind: 'react',
        emoji,
        message: ts,
      },
      thread: threadOf(channel, message.thread_ts),
    });
  }

  /** The bytes of a file a person shared; Slack Connect and Enterprise files are looked up first. */
  async #fetch(file: SlackFile): Promise<Uint8Array> {
    let at = file;
    if (file.file_access === 'check_file_info' || !file.url_private_download)
      at = ((await this.#client.files.info({ file: file.id })).file ?? file) as SlackFile;
    const address = at.url_private_download ?? at.url_private;
    if (!address) throw new DownloadError('status', 'Slack gives me no address of that file: send it again.');
    return await download(address, {
      allowedHosts: this.options.allowedHosts ?? FILE_HOSTS,
      maxBytes: MAX_PICTURE,
      timeoutMs: FETCH_TIMEOUT,
      headers: { Authorization: `Bearer ${this.options.botToken}` },
    });
  }

  async post(thread: string, reply: Reply): Promise<string> {
    const [channel, thread_ts] = thread.split(':') as [string, string];
    try {
      let shown: string | undefined;
      if (reply.picture)
        shown = await this.#share(channel, thread_ts, reply.picture.name, reply.picture.png, reply);
      for (const { name, bytes } of reply.files ?? []) await this.#share(channel, thread_ts, name, bytes);
      const blocks = blocksOf(shown ? { ...reply, text: '' } : reply, shown);
      if (shown && blocks.length === 0) return shown;
      const posted = await this.#client.chat.postMessage({
        ...{
          channel,
          thread_ts,
          text: escape(reply.text).slice(0, 3000),
          unfurl_links: false,
          unfurl_media: false,
        },
        ...(blocks.length > 0 ? { blocks } : {}),
      });
      // reactions go to the picture, buttons name the message they are on: the picture's is the one that counts
      return shown ?? posted.ts!;
    } catch (error) {
      throw refusal(error) ?? error;
    }
  }

  /** Uploads into the thread; resolves to the ts of the message that shows the file. */
  async #share(
    channel: string,
    thread_ts: string,
    name: string,
    bytes: Uint8Array,
    reply?: Reply,
  ): Promise<string> {
    const picture = reply?.picture;
    const fitted = picture ? await fitPicture(picture, MAX_POST) : { name, bytes };
    const note = 'note' in fitted && fitted.note ? ` ${fitted.note}` : '';
    const uploaded = await this.#client.filesUploadV2({
      ...{ channel_id: channel, thread_ts, file: Buffer.from(fitted.bytes), filename: fitted.name },
      ...(picture
        ? { alt_text: picture.alt.slice(0, 1000), initial_comment: escape(reply.text + note).slice(0, 3000) }
        : {}),
    });
    const groups = (uploaded.files ?? []) as { files?: { id?: string }[]; id?: string }[];
    const id = groups[0]?.files?.[0]?.id ?? groups[0]?.id;
    if (!id) throw new Error('Slack took the picture but named no file');
    for (let i = 0; i < SHARE_TRIES; i++) {
      const { file } = await this.#client.files.info({ file: id });
      const shares = file?.shares as Record<string, Record<string, { ts?: string }[]>> | undefined;
      const ts = shares?.public?.[channel]?.[0]?.ts ?? shares?.private?.[channel]?.[0]?.ts;
      if (ts) return ts;
      await new Promise((resolve) => setTimeout(resolve, SHARE_WAIT));
    }
    // the picture is there, its message unknown: words still work, reactions on it do not
    return `file-${id}`;
  }

  async update(thread: string, message: string, reply: Reply): Promise<void> {
    const [channel] = thread.split(':') as [string];
    // a message's text can be changed, its picture cannot: previews are words here
    await this.#pacer.submit(message, async () => {
      await this.#client.chat.update({ channel, ts: message, text: escape(reply.text).slice(0, 3000) });
    });
  }
}

function fetchTrouble(error: DownloadError): string {
  return error.code === 'html'
    ? 'Slack gives me a sign-in page instead of the file: the app needs the scope files:read (see docs/slack.md).'
    : error.message;
}

/** What is final, in words that say what to do. */
function refusal(error: unknown): PostRefused | undefined {
  const { code, data } = error as { code?: string; data?: { error?: string; needed?: string } };
  if (code !== (ErrorCode.PlatformError as string) || !data?.error) return undefined;
  if (data.error === 'missing_scope')
    return new PostRefused(
      `the app lacks the scope ${data.needed ?? '?'}: add it in the app's settings and install it anew`,
    );
  const what = FINAL[data.error];
  return what ? new PostRefused(what) : undefined;
}
