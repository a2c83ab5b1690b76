import {
  ChannelType,
  DiscordAPIError,
  RESTJSONErrorCodes as Codes,
  Routes,
  ThreadAutoArchiveDuration,
  type AnyThreadChannel,
  type Client,
  type Message,
  type TextBasedChannel,
  type TextChannel,
} from 'discord.js';
import { UserError } from '../../engine/errors.js';
import type { HasSession } from '../platform.js';

const autoArchiveDuration = ThreadAutoArchiveDuration.OneWeek;

/** With its owner: Discord leaves threads half told in the events of messages. */
export async function wholeThread(thread: AnyThreadChannel): Promise<AnyThreadChannel> {
  return thread.ownerId ? thread : ((await thread.fetch(true)) as AnyThreadChannel);
}

export const isOwnThread = (thread: AnyThreadChannel): boolean => thread.ownerId === thread.client.user.id;

/** Makes a person a member of a thread: it stands in their list, and they are told of what comes. */
export async function join(
  client: Client,
  thread: string,
  channel: TextBasedChannel,
  user: string,
): Promise<void> {
  if (channel.isDMBased()) return;
  // a full thread, or a person who may not see it: the picture goes on all the same
  await client.rest.put(Routes.threadMembers(thread, user)).catch(() => undefined);
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
export async function openThread(
  message: Message,
  channel: TextBasedChannel,
  name: string,
  hasSession: HasSession,
): Promise<Place> {
  if (channel.isDMBased()) return { thread: channel.id };
  if (channel.isThread()) {
    const here = await wholeThread(channel);
    if (!(await hasSession(here.id))) return { thread: here.id };
    const { parent } = here;
    if (parent?.type !== ChannelType.GuildText && parent?.type !== ChannelType.GuildAnnouncement)
      throw new UserError('This thread has its picture already; send the next one in a text channel.');
    const made = await (parent as TextChannel).threads.create({ name, autoArchiveDuration });
    return { thread: made.id, moved: true };
  }
  if (channel.type !== ChannelType.GuildText && channel.type !== ChannelType.GuildAnnouncement)
    throw new UserError('This channel has no threads; send the picture in a text channel.');
  try {
    return { thread: (await message.startThread({ name, autoArchiveDuration })).id };
  } catch (error) {
    // a message carries one thread, which has its id: others may have begun it already
    if (!(error instanceof DiscordAPIError) || error.code !== Codes.ThreadAlreadyCreatedForMessage)
      throw error;
    if (!(await hasSession(message.id))) return { thread: message.id };
    const made = await (channel as TextChannel).threads.create({ name, autoArchiveDuration });
    return { thread: made.id, moved: true };
  }
}

/** The thread that hangs on a message of a channel, which has the message's id. */
export async function threadOn(client: Client, message: string | undefined): Promise<string | undefined> {
  if (message === undefined) return undefined;
  const channel = await client.channels.fetch(message).catch(() => null);
  return channel?.isThread() ? channel.id : undefined;
}
