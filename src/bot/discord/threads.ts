import {
  ChannelType,
  ThreadAutoArchiveDuration,
  type AnyThreadChannel,
  type Client,
  type Message,
  type TextBasedChannel,
  type TextChannel,
} from 'discord.js';
import { UserError } from '../../engine/errors.js';

const autoArchiveDuration = ThreadAutoArchiveDuration.OneWeek;

/** The bot's messages that are looked for in a thread of others, to see whether a session lives there. */
const LOOK_BACK = 100;

/** With its owner: Discord leaves threads half told in the events of messages. */
export async function wholeThread(thread: AnyThreadChannel): Promise<AnyThreadChannel> {
  return thread.ownerId ? thread : ((await thread.fetch(true)) as AnyThreadChannel);
}

export const isOwnThread = (thread: AnyThreadChannel): boolean => thread.ownerId === thread.client.user.id;

/** One session a thread: a thread is taken when the bot has begun it, or has posted pictures in it. */
async function isTaken(thread: AnyThreadChannel): Promise<boolean> {
  if (isOwnThread(thread)) return true;
  const messages = await thread.messages.fetch({ limit: LOOK_BACK });
  return messages.some((m) => m.author.id === thread.client.user.id && m.attachments.size > 0);
}

export interface Place {
  readonly thread: string;
  /** Set when the session lives elsewhere than where it was asked for. */
  readonly moved?: true;
}

/**
 * Finds the session's thread: the channel itself for direct messages, a thread that is free, else a new one. It hangs
 * on `message` where that can carry one, so that people see in the channel what is talked about.
 * @throws UserError where a channel has no threads
 */
export async function openThread(message: Message, channel: TextBasedChannel, name: string): Promise<Place> {
  if (channel.isDMBased()) return { thread: channel.id };
  if (channel.isThread()) {
    const here = await wholeThread(channel);
    if (!(await isTaken(here))) return { thread: here.id };
    const { parent } = here;
    if (parent?.type !== ChannelType.GuildText && parent?.type !== ChannelType.GuildAnnouncement)
      throw new UserError('This thread has its picture already; send the next one in a text channel.');
    const made = await (parent as TextChannel).threads.create({ name, autoArchiveDuration });
    return { thread: made.id, moved: true };
  }
  if (channel.type !== ChannelType.GuildText && channel.type !== ChannelType.GuildAnnouncement)
    throw new UserError('This channel has no threads; send the picture in a text channel.');
  return { thread: (await message.startThread({ name, autoArchiveDuration })).id };
}

/** The thread that hangs on a message of a channel, which has the message's id. */
export async function threadOn(client: Client, message: string): Promise<string | undefined> {
  const channel = await client.channels.fetch(message).catch(() => null);
  return channel?.isThread() ? channel.id : undefined;
}
