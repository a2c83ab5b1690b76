import type { App } from '@slack/bolt';
import { helpText } from '../../commands/index.js';
import { type Context, originOf } from './context.js';
import { emojiOf } from './emoji.js';
import {
  firstPicture,
  isMentioned,
  isSpoken,
  messageId,
  reactionId,
  threadOf,
  type SlackFile,
  type SlackMessage,
} from './events.js';
import { unescape } from './render.js';
import { type Ear, whisper } from './whisper.js';

const SEND_A_PICTURE =
  'Send a picture with it, then I cut it into items; say in its thread what to change. "/dedit help" lists everything.';
const NOT_A_PICTURE = 'That is no picture I know: send a PNG, JPEG, WebP, AVIF, TIFF or GIF.';

interface Reaction {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly emoji: string;
}

/** What people type and how they react, in threads, channels and direct messages. */
export class Messages {
  constructor(private readonly context: Context) {}

  attach(app: App): void {
    app.event('app_mention', ({ event }) => this.#heard(event as unknown as SlackMessage, true));
    app.message(({ message: told }) => {
      const message = told as unknown as SlackMessage;
      return this.#heard(message, isMentioned(message.text, this.context.self()));
    });
    app.event('reaction_added', async ({ event: { item, item_user, user, reaction } }) => {
      const me = this.context.self().user;
      const emoji = emojiOf(reaction);
      if (!emoji || item.type !== 'message' || user === me) return;
      // others' messages are not looked up
      if (item_user && item_user !== me) return;
      const at = { channel: item.channel, ts: item.ts, user, emoji };
      await this.context.guard('reaction', at, () =>
        this.context.inbox.once(reactionId(at), () => this.#reacted(at)),
      );
    });
  }

  async #heard(message: SlackMessage, mentioned: boolean): Promise<void> {
    if (!isSpoken(message, this.context.self())) return;
    const { channel, thread_ts, ts, user } = message;
    const addressed = mentioned || message.channel_type === 'im';
    if (!thread_ts && !addressed) return;
    const ear = { channel, user, thread_ts };
    // of the two events of a mention one may come without the files: it must not stand for the other
    const bare = !thread_ts && !message.files?.length;
    await this.context.guard('message', ear, () =>
      this.context.inbox.once(`${bare ? 'bare-' : ''}${messageId(message)}`, () =>
        this.context.inbox.inOrder(threadOf(channel, thread_ts ?? ts), () =>
          thread_ts ? this.#reply({ ...message, thread_ts }, mentioned) : this.#addressed(message, ear),
        ),
      ),
    );
  }

  /** A message to the bot outside threads. */
  async #addressed(message: SlackMessage & { user: string }, ear: Ear): Promise<void> {
    const file = firstPicture(message.files);
    if (file) return await this.#upload(message, message.ts, file);
    const asked = /^(?:help|\?)$/i.test(unescape(message.text ?? ''));
    const hint = asked ? helpText() : SEND_A_PICTURE;
    await whisper(this.context.client, ear, message.files?.length ? NOT_A_PICTURE : hint);
  }

  /** A message in a thread. Only where a picture is talked about, or when we are meant, files are fetched. */
  async #reply(
    message: SlackMessage & { user: string; thread_ts: string },
    mentioned: boolean,
  ): Promise<void> {
    const { channel, thread_ts, user } = message;
    const file = firstPicture(message.files);
    const thread = threadOf(channel, thread_ts);
    const has = await this.context.options.hasSession(thread);
    // a thread of ours whose picture is forgotten is still ours: its people are told, and may send another
    const ours = has || mentioned || (await this.context.threads.isOurs(channel, thread_ts)) === true;
    if (!ours) return;
    this.context.threads.seen(channel, thread_ts, message.ts);
    if (file && !has) return await this.#upload(message, thread_ts, file);
    const text = unescape(message.text ?? '') || (mentioned && !file ? 'help' : '');
    if (!text && !file) return;
    const attachment = file && (await this.context.files.fetch(file));
    await this.context.handle({
      kind: 'say',
      ...originOf(messageId(message), thread, user),
      meant: mentioned || message.channel_type === 'im' ? 'directly' : 'perhaps',
      text,
      ...(attachment ? { attachment } : {}),
    });
  }

  async #upload(message: SlackMessage & { user: string }, thread_ts: string, file: SlackFile): Promise<void> {
    const { channel, user } = message;
    this.context.checkChannel(channel);
    const picture = await this.context.files.fetch(file);
    this.context.threads.add(channel, thread_ts);
    const origin = originOf(messageId(message), threadOf(channel, thread_ts), user);
    const text = unescape(message.text ?? '');
    await this.context.handle({ kind: 'upload', ...origin, picture, ...(text ? { text } : {}) });
  }

  async #reacted(at: Reaction): Promise<void> {
    const { channel, ts, user, emoji } = at;
    // a reaction names its message only
    const thread_ts = await this.context.threads.threadOfMessage(channel, ts);
    if (!thread_ts) return;
    const thread = threadOf(channel, thread_ts);
    await this.context.inbox.inOrder(thread, () =>
      this.context.handle({
        kind: 'react',
        ...originOf(reactionId(at), thread, user),
        meant: 'perhaps',
        emoji,
        message: ts,
      }),
    );
  }
}
