import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { UserError } from '../../engine/errors.js';
import { helpText } from '../../commands/index.js';
import { Inbox } from '../inbox.js';
import type { ChatEvent, EventHandler, HasSession } from '../platform.js';
import { emojiOf } from './emoji.js';
import { forPerson, loggable, placeTrouble } from './errors.js';
import {
  firstPicture,
  isMentioned,
  isSpoken,
  messageId,
  reactionId,
  threadOf,
  type Self,
  type SlackFile,
  type SlackMessage,
} from './events.js';
import type { Files } from './files.js';
import type { Log } from './log.js';
import { COMMAND, SHORTCUT } from './names.js';
import { answeredBy, ITEM, LINK, SAY, unescape } from './render.js';
import type { Threads } from './threads.js';
import { ITEM_FORM, itemView, readItem, readUpload, UPLOAD, uploadView } from './views.js';
import { whisper, type Ear } from './whisper.js';

const USE_THREAD =
  'Words go into the thread of a picture, for example "replace 3 with a cat": Slack passes no slash commands from there. To begin, send /dedit alone, or mention me with a picture; "/dedit help" lists everything.';
const SEND_A_PICTURE =
  'Send a picture with it, then I cut it into items; say in its thread what to change. "/dedit help" lists everything.';
const NOT_A_PICTURE = 'That is no picture I know: send a PNG, JPEG, WebP, AVIF, TIFF or GIF.';
const NO_PICTURE = 'That message has no picture: choose one that has.';

export interface ListenerOptions {
  readonly checkpoints: readonly string[];
  readonly hasSession: HasSession;
  /** Where pictures may be begun; everywhere when empty. */
  readonly channels: readonly string[];
  readonly logger?: Log | undefined;
}

/** What is read of a pressed button or a menu (docs.slack.dev/reference/interaction-payloads/block_actions-payload). */
interface Pressed {
  readonly user: { readonly id: string };
  readonly channel: { readonly id: string };
  readonly container?: { readonly thread_ts?: string };
  readonly message: { readonly ts: string; readonly thread_ts?: string };
  readonly trigger_id: string;
  readonly response_url?: string;
}
interface Choice {
  readonly block_id?: string;
  readonly value?: string;
  readonly selected_option?: { readonly value: string; readonly text?: { readonly text: string } };
}

/**
 * Turns what happens on Slack into `ChatEvent`s. Everything is acknowledged before it is acted on: Bolt does so with
 * events, and commands, actions and forms get theirs first here. So nobody tells Slack that something failed: the
 * person hears it from us.
 */
export class Listener {
  /** A message that mentions the bot comes twice, as `message` and `app_mention`: it is done once. */
  readonly #inbox = new Inbox();

  constructor(
    private readonly client: WebClient,
    private readonly files: Files,
    private readonly threads: Threads,
    private readonly self: () => Self,
    private readonly handle: EventHandler,
    private readonly options: ListenerOptions,
  ) {}

  attach(app: App): void {
    app.event('app_mention', ({ event }) => this.#heard(event as unknown as SlackMessage, true));
    app.message(({ message: told }) => {
      const message = told as unknown as SlackMessage;
      return this.#heard(message, isMentioned(message.text, this.self()));
    });
    app.event('reaction_added', async ({ event: { item, item_user, user, reaction } }) => {
      const emoji = emojiOf(reaction);
      if (!emoji || item.type !== 'message' || user === this.self().user) return;
      // others' messages are not looked up
      if (item_user && item_user !== this.self().user) return;
      const at = { channel: item.channel, ts: item.ts, user, emoji };
      await this.#guard('reaction', at, () => this.#inbox.once(reactionId(at), () => this.#reaction(at)));
    });
    app.command(COMMAND, async ({ ack, command }) => {
      const words = command.text.trim().toLowerCase();
      if (words) {
        const text = words === 'help' ? helpText() : USE_THREAD;
        return await ack({ response_type: 'ephemeral', text });
      }
      await ack();
      const ear = { channel: command.channel_id, user: command.user_id, respond: command.response_url };
      const { channel, respond } = ear;
      await this.#guard('command', ear, async () => {
        const view = uploadView({ channel, respond }, this.options.checkpoints);
        await this.client.views.open({ trigger_id: command.trigger_id, view });
      });
    });
    app.view(UPLOAD, async ({ ack, view, body }) => {
      await ack();
      const asked = readUpload(view);
      const ear = { channel: asked.channel, user: body.user.id, respond: asked.respond };
      await this.#guard('form', ear, () =>
        this.#inbox.once(view.id, async () => {
          if (!asked.picture) throw new UserError(NO_PICTURE);
          const [picture, reference] = await Promise.all([
            this.files.fetch(asked.picture),
            asked.reference && this.files.fetch(asked.reference),
          ]);
          await this.#begin(view.id, ear, undefined, {
            picture,
            ...(reference ? { references: [reference] } : {}),
            ...(asked.checkpoint ? { checkpoint: asked.checkpoint } : {}),
          });
        }),
      );
    });
    app.shortcut(SHORTCUT, async ({ ack, shortcut }) => {
      await ack();
      if (shortcut.type !== 'message_action') return;
      const { channel, message, user, response_url: respond, trigger_id } = shortcut;
      const ear = { channel: channel.id, user: user.id, respond };
      await this.#guard('shortcut', ear, () =>
        this.#inbox.once(trigger_id, async () => {
          const file = firstPicture(message.files as SlackFile[] | undefined);
          if (!file) throw new UserError(NO_PICTURE);
          const picture = await this.files.fetch(file);
          // a thread with a session of its own keeps it: the new one begins beside it
          const root = (message.thread_ts as string | undefined) ?? message.ts;
          const taken = await this.options.hasSession(threadOf(channel.id, root));
          await this.#begin(trigger_id, ear, taken ? undefined : root, { picture });
        }),
      );
    });
    app.action(LINK, ({ ack }) => ack());
    // remove-item: the menu of messages from before there was a form
    for (const id of [SAY, 'remove-item'])
      app.action(id, async ({ ack, action, body }) => {
        await ack();
        await this.#pressed(body as unknown as Pressed, action as Choice);
      });
    app.action(ITEM, async ({ ack, action, body }) => {
      await ack();
      await this.#itemChosen(body as unknown as Pressed, action as Choice);
    });
    app.view(ITEM_FORM, async ({ ack, view, body }) => {
      const read = readItem(view);
      if ('errors' in read) return await ack({ response_action: 'errors', errors: read.errors });
      await ack();
      const { channel, thread_ts, message } = read.chosen;
      await this.#say(
        { channel, user: body.user.id, thread_ts },
        { id: view.id, text: read.text, replyTo: message },
      );
    });
    app.error(async (error) => this.options.logger?.error({ err: loggable(error) }, 'Slack'));
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#inbox.idle();
  }

  /** What fails is logged and told to the person. */
  async #guard(what: string, ear: Ear, work: () => Promise<void>): Promise<void> {
    const { logger } = this.options;
    await this.#inbox.guard(work, async (error) => {
      if (!(error instanceof UserError))
        logger?.error({ what, err: loggable(error) }, 'a Slack event failed');
      await whisper(this.client, ear, forPerson(error)).catch((unheard: unknown) =>
        logger?.error({ what, err: loggable(unheard) }, 'a person could not be told that something failed'),
      );
    });
  }

  async #heard(message: SlackMessage, mentioned: boolean): Promise<void> {
    if (!isSpoken(message, this.self())) return;
    const { channel, thread_ts, ts, user } = message;
    const addressed = mentioned || message.channel_type === 'im';
    if (!thread_ts && !addressed) return;
    const ear = { channel, user, thread_ts };
    // of the two events of a mention one may come without the files: it must not stand for the other
    const bare = !thread_ts && !message.files?.length;
    await this.#guard('message', ear, () =>
      this.#inbox.once(`${bare ? 'bare-' : ''}${messageId(message)}`, () =>
        this.#inbox.inOrder(threadOf(channel, thread_ts ?? ts), () =>
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
    await whisper(this.client, ear, message.files?.length ? NOT_A_PICTURE : hint);
  }

  /** A message in a thread. Only where a picture is talked about, or when we are meant, files are fetched. */
  async #reply(
    message: SlackMessage & { user: string; thread_ts: string },
    mentioned: boolean,
  ): Promise<void> {
    const { channel, thread_ts, user } = message;
    const file = firstPicture(message.files);
    const thread = threadOf(channel, thread_ts);
    const has = await this.options.hasSession(thread);
    // a thread of ours whose picture is forgotten is still ours: its people are told, and may send another
    const ours = has || mentioned || (await this.threads.isOurs(channel, thread_ts)) === true;
    if (!ours) return;
    if (file && !has) return await this.#upload(message, thread_ts, file);
    const text = unescape(message.text ?? '') || (mentioned && !file ? 'help' : '');
    if (!text && !file) return;
    const attachment = file && (await this.files.fetch(file));
    await this.handle({
      kind: 'say',
      ...this.#origin(messageId(message), thread, user),
      meant: mentioned || message.channel_type === 'im' ? 'directly' : 'perhaps',
      text,
      ...(attachment ? { attachment } : {}),
    });
  }

  /** @throws UserError where no picture may be begun */
  #checkChannel(channel: string): void {
    const { channels } = this.options;
    if (channels.length > 0 && !channels.includes(channel))
      throw new UserError('I am used in other channels here: ask whoever runs me in which.');
  }

  async #upload(message: SlackMessage & { user: string }, thread_ts: string, file: SlackFile): Promise<void> {
    const { channel, user } = message;
    this.#checkChannel(channel);
    const picture = await this.files.fetch(file);
    this.threads.add(channel, thread_ts);
    const origin = this.#origin(messageId(message), threadOf(channel, thread_ts), user);
    const text = unescape(message.text ?? '');
    await this.handle({ kind: 'upload', ...origin, picture, ...(text ? { text } : {}) });
  }

  /**
   * Opens a thread for a picture that came by a form or a shortcut, where the bot need not be a member: what it cannot
   * do there goes on in the direct message with the person, so that nothing is lost in silence.
   */
  async #begin(
    id: string,
    { channel, user, respond }: Ear,
    root: string | undefined,
    asked: Pick<ChatEvent & { kind: 'upload' }, 'picture' | 'references' | 'checkpoint'>,
  ): Promise<void> {
    this.#checkChannel(channel);
    let place: { channel: string; ts: string };
    try {
      const { ts } = await this.client.chat.postMessage({
        channel,
        text: `<@${user}> edits ${root ? 'this' : 'a'} picture here.`,
        ...(root ? { thread_ts: root } : {}),
      });
      place = { channel, ts: root ?? ts! };
    } catch (error) {
      const trouble = placeTrouble(error);
      if (!trouble) throw error;
      const direct = await this.client.chat.postMessage({
        channel: user,
        text: `Your picture from <#${channel}> goes on here: ${trouble}.`,
      });
      place = { channel: direct.channel!, ts: direct.ts! };
      if (respond)
        await whisper(
          this.client,
          { channel, user, respond },
          `It goes on in our direct messages: ${trouble}.`,
        );
    }
    this.threads.add(place.channel, place.ts);
    const thread = threadOf(place.channel, place.ts);
    await this.#inbox.inOrder(thread, () =>
      this.handle({ kind: 'upload', ...this.#origin(id, thread, user), ...asked }),
    );
  }

  async #reaction(at: { channel: string; ts: string; user: string; emoji: string }): Promise<void> {
    const { channel, ts, user, emoji } = at;
    // a reaction names its message only
    const thread_ts = await this.threads.threadOfMessage(channel, ts);
    if (!thread_ts) return;
    const thread = threadOf(channel, thread_ts);
    await this.#inbox.inOrder(thread, () =>
      this.handle({
        kind: 'react',
        ...this.#origin(reactionId(at), thread, user),
        meant: 'perhaps',
        emoji,
        message: ts,
      }),
    );
  }

  /** The thread of a pressed message, which not every client tells at the same place; Slack is asked last. */
  async #threadOf({ channel, message, container }: Pressed): Promise<string> {
    const told = message.thread_ts ?? container?.thread_ts;
    return told ?? (await this.threads.threadOfMessage(channel.id, message.ts)) ?? message.ts;
  }

  async #pressed(pressed: Pressed, choice: Choice): Promise<void> {
    const { user, channel, message, trigger_id, response_url } = pressed;
    const text = choice.value ?? choice.selected_option?.value;
    if (!text) return;
    const ear = { channel: channel.id, user: user.id, thread_ts: await this.#threadOf(pressed) };
    await this.#say(
      { ...ear, respond: response_url },
      { id: trigger_id, text, replyTo: answeredBy(choice.block_id, message.ts) },
    );
  }

  async #itemChosen(pressed: Pressed, { block_id, selected_option }: Choice): Promise<void> {
    const { user, channel, message, trigger_id, response_url } = pressed;
    const number = Number(selected_option?.value);
    if (!Number.isInteger(number)) return;
    const thread_ts = await this.#threadOf(pressed);
    const ear = { channel: channel.id, user: user.id, thread_ts, respond: response_url };
    const chosen = { channel: channel.id, thread_ts, number, message: answeredBy(block_id, message.ts) };
    await this.#guard('menu', ear, async () => {
      const view = itemView(chosen, selected_option?.text?.text ?? String(number));
      await this.client.views.open({ trigger_id, view });
    });
  }

  /** Words that were not typed: a button, a form. */
  async #say(
    ear: Ear & { thread_ts: string },
    said: { id: string; text: string; replyTo: string },
  ): Promise<void> {
    const thread = threadOf(ear.channel, ear.thread_ts);
    const { id, text, replyTo } = said;
    await this.#guard('press', ear, () =>
      this.#inbox.once(id, () =>
        this.#inbox.inOrder(thread, async () => {
          await this.handle({
            kind: 'say',
            ...this.#origin(id, thread, ear.user),
            meant: 'directly',
            text,
            replyTo,
          });
        }),
      ),
    );
  }

  #origin(id: string, thread: string, user: string) {
    return { id, platform: 'slack', thread, user } as const;
  }
}
