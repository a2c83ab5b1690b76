import {
  Collection,
  MessageType,
  Routes,
  type APIUser,
  type Attachment,
  type Client,
  type Message,
} from 'discord.js';
import { UserError } from '../../engine/errors.js';
import type { EventHandler } from '../platform.js';
import { fetchAttachment } from './downloads.js';
import { cutEscaped, MAX_TEXT, silent } from './escape.js';
import {
  type Attached,
  firstPicture,
  reactionId,
  spokenText,
  threadName,
  type ReactionFacts,
} from './events.js';
import { explain } from './explain.js';
import { loggable } from './log.js';
import type { ListenerOptions } from './options.js';
import { isModerator, missingPermissions, permissionsNeeded } from './permissions.js';
import { barred } from './restrict.js';
import { isOwnThread, join, openThread, threadOn, wholeThread } from './threads.js';

const UNREAD =
  'Discord does not let dedit read this. Begin with a mention of dedit, reply to one of its pictures, or use /dedit say.';

/** What says that the picture beside it is a mask or a reference, not another picture to begin with. */
const ABOUT_A_PICTURE = /\b(?:reshape|outline|mask|redraw|reference|[B-I]\d)\b/i;

/** A message's own files, and those of the message that it forwards. */
export const attachmentsOf = (message: Message): Attachment[] => [
  ...message.attachments.values(),
  ...message.messageSnapshots.flatMap((forwarded) => forwarded.attachments ?? new Collection()).values(),
];

/** What people type and how they react, in threads, channels and direct messages. */
export class Messages {
  /** Threads whose people know that their words are not read. */
  readonly #hinted = new Set<string>();

  constructor(
    readonly client: Client<true>,
    readonly handle: EventHandler,
    readonly options: ListenerOptions,
  ) {}

  async said(message: Message): Promise<void> {
    const me = this.client.user.id;
    if (message.author.bot || message.webhookId !== null) return;
    if (message.type !== MessageType.Default && message.type !== MessageType.Reply) return;
    const { channel } = message;
    const mentioned = message.mentions.users.has(me) && new RegExp(`<@!?${me}>`).test(message.content);
    const answered = await this.#answered(message);
    const addressed = mentioned || answered !== undefined || channel.isDMBased();
    const thread = channel.isThread() ? await wholeThread(channel) : undefined;
    if (thread ? !isOwnThread(thread) && !addressed : !addressed) return;

    const text = spokenText(message.content, [me]);
    const attachment = firstPicture(attachmentsOf(message));
    try {
      const where = thread || channel.isDMBased() ? channel.id : await threadOn(this.client, answered);
      if (attachment && !(await this.#isAboutPicture(message, where, text, answered)))
        return await this.#uploadMessage(message, attachment, text);
      if (where === undefined) {
        if (mentioned) await message.reply({ content: cutEscaped(this.options.help, MAX_TEXT), ...silent });
        return;
      }
      if (text === '' && !attachment) return await this.#hint(message, mentioned);
      await this.handle({
        kind: 'say',
        ...this.#messageOrigin(message, where),
        meant: addressed ? 'directly' : 'perhaps',
        text,
        ...(answered !== undefined && { replyTo: answered }),
        ...(attachment && { attachment: await fetchAttachment(attachment, this.options.allowedHosts) }),
      });
    } catch (error) {
      if (!(error instanceof UserError))
        this.options.logger.error({ err: loggable(error) }, 'a message was not stored');
      await message.reply({ content: await explain(this.client, error, channel.id), ...silent });
    }
  }

  /** The bot's message that this one replies to. */
  async #answered(message: Message): Promise<string | undefined> {
    const id = message.reference?.messageId;
    if (id === undefined || message.type !== MessageType.Reply) return undefined;
    const target =
      message.channel.messages.cache.get(id) ?? (await message.fetchReference().catch(() => undefined));
    return target?.author?.id === this.client.user.id ? id : undefined;
  }

  /** Whether a picture belongs to the one that is talked about, as a mask does, and is not another one to cut. */
  async #isAboutPicture(
    message: Message,
    where: string | undefined,
    text: string,
    answered: string | undefined,
  ): Promise<boolean> {
    if (where === undefined || !(await this.options.hasSession(where))) return false;
    // a direct message has one thread for all its pictures
    return !message.channel.isDMBased() || answered !== undefined || ABOUT_A_PICTURE.test(text);
  }

  /** A picture sent to the bot, with what was written beside it. */
  async #uploadMessage(message: Message, attachment: Attached, text: string): Promise<void> {
    const { channel } = message;
    const roles = [...(message.member?.roles.cache.keys() ?? [])];
    const why = barred(this.options.only, channel, roles);
    if (why) throw new UserError(why);
    if (message.inGuild()) {
      const me = await message.guild.members.fetchMe();
      const missing = missingPermissions(
        message.channel.permissionsFor(me),
        message.channel.isThread() ? 'thread' : 'session',
      );
      if (missing.length > 0) throw new UserError(permissionsNeeded(missing));
    }
    const picture = await fetchAttachment(attachment, this.options.allowedHosts);
    const name = threadName(attachment.name);
    const { thread } = await openThread(message, channel, name, this.options.hasSession);
    await join(this.client, thread, channel, message.author.id);
    await this.handle({
      kind: 'upload',
      ...this.#messageOrigin(message, thread),
      picture,
      ...(text ? { text } : {}),
    });
  }

  #messageOrigin(message: Message, thread: string) {
    const has =
      message.inGuild() && message.member ? message.channel.permissionsFor(message.member) : undefined;
    return {
      id: message.id,
      platform: 'discord',
      thread,
      user: message.author.id,
      moderator: isModerator(has),
    } as const;
  }

  /** Without the message content intent an empty message is one whose words were kept from us: said once a thread. */
  async #hint(message: Message, mentioned: boolean): Promise<void> {
    if (mentioned) await message.reply({ content: cutEscaped(this.options.help, MAX_TEXT), ...silent });
    else if (
      !this.options.readsMessages &&
      message.stickers.size === 0 &&
      !this.#hinted.has(message.channelId)
    ) {
      this.#hinted.add(message.channelId);
      await message.reply({ content: UNREAD, ...silent });
    }
  }

  async reacted(channelId: string, facts: ReactionFacts): Promise<void> {
    const me = this.client.user.id;
    if (facts.user === me || facts.emoji.id !== null || !facts.emoji.name) return;
    const channel = await this.client.channels.fetch(channelId);
    if (!channel?.isTextBased()) return;
    const message = await channel.messages.fetch(facts.message);
    if (message.author.id !== me || (await this.#isBot(facts.user))) return;
    const thread =
      channel.isDMBased() || channel.isThread() ? channelId : await threadOn(this.client, facts.message);
    if (thread === undefined) return;
    const member = channel.isDMBased() ? null : channel.guild.members.cache.get(facts.user);
    await this.handle({
      kind: 'react',
      id: reactionId(facts),
      platform: 'discord',
      thread,
      user: facts.user,
      meant: 'perhaps',
      moderator: isModerator(member && !channel.isDMBased() ? channel.permissionsFor(member) : undefined),
      emoji: facts.emoji.name,
      message: facts.message,
    });
  }

  async #isBot(user: string): Promise<boolean> {
    const known = this.client.users.cache.get(user);
    if (known && !known.partial) return known.bot;
    const fetched = (await this.client.rest.get(Routes.user(user))) as APIUser;
    return fetched.bot ?? false;
  }
}
