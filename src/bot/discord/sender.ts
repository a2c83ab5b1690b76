import {
  DiscordAPIError,
  HTTPError,
  GuildPremiumTier,
  RESTJSONErrorCodes as Codes,
  Routes,
  type Client,
} from 'discord.js';
import { createHash } from 'node:crypto';
import { PostRefused, type Reply } from '../platform.js';
import { missingPermissions, permissionsNeeded } from './permissions.js';
import { render, type Rendered } from './render.js';

/** What every server and direct message takes, 10 MiB a file; boosted servers take more. */
const BASE_LIMIT = 10 * 2 ** 20;
const boosted: Partial<Record<GuildPremiumTier, number>> = {
  [GuildPremiumTier.Tier2]: 50 * 2 ** 20,
  [GuildPremiumTier.Tier3]: 100 * 2 ** 20,
};
/** When Discord refuses a file all the same: half of what was tried, this often. */
const SMALLER_TRIES = 2;

const codeOf = (error: unknown): number | string | undefined =>
  error instanceof DiscordAPIError ? error.code : undefined;

const tooLarge = (error: unknown): boolean =>
  codeOf(error) === Codes.RequestEntityTooLarge ||
  ((error instanceof HTTPError || error instanceof DiscordAPIError) && error.status === 413);

/**
 * Sends and edits messages as the bot, by ids alone: an interaction's token is dead after 15 minutes and a restart
 * forgets every object, an id is good for ever.
 */
export class Sender {
  constructor(
    readonly client: Client,
    readonly maxBytes?: number,
  ) {}

  async post(thread: string, reply: Reply, key: string): Promise<string> {
    // At most 25 characters. Discord answers a nonce it has seen within minutes with the message it made then.
    const nonce = createHash('sha256').update(key).digest('base64url').slice(0, 25);
    const sent = await this.#deliver(thread, reply, ({ body, files }) =>
      this.client.rest.post(Routes.channelMessages(thread), {
        body: { ...body, nonce, enforce_nonce: true },
        files,
      }),
    );
    return (sent as { id: string }).id;
  }

  async edit(thread: string, message: string, reply: Reply): Promise<void> {
    await this.#deliver(thread, reply, ({ body, files }) =>
      this.client.rest.patch(Routes.channelMessage(thread, message), { body, files }),
    );
  }

  /** In the place of an earlier message, or below where somebody has deleted that. */
  async replace(thread: string, message: string, reply: Reply, key: string): Promise<string> {
    const there = await this.client.rest
      .get(Routes.channelMessage(thread, message))
      .catch((error: unknown) => {
        if (codeOf(error) === Codes.UnknownMessage) return undefined;
        throw error;
      });
    if (!there) return await this.post(thread, reply, key);
    await this.edit(thread, message, reply);
    return message;
  }

  async #deliver(
    thread: string,
    reply: Reply,
    send: (rendered: Rendered) => Promise<unknown>,
  ): Promise<unknown> {
    let limit = this.#limit(thread);
    let smaller = SMALLER_TRIES;
    let unarchived = false;
    try {
      if (this.#isArchived(thread)) {
        unarchived = true;
        await this.#unarchive(thread);
      }
      for (;;) {
        const rendered = await render(reply, limit);
        try {
          return await send(rendered);
        } catch (error) {
          if (codeOf(error) === Codes.InvalidActionOnArchivedThread && !unarchived) {
            unarchived = true;
            await this.#unarchive(thread);
          } else if (tooLarge(error) && rendered.files.length > 0 && smaller > 0) {
            smaller--;
            limit = Math.floor(Math.max(...rendered.files.map(({ data }) => (data as Buffer).length)) / 2);
          } else throw error;
        }
      }
    } catch (error) {
      throw await this.#refusal(thread, error);
    }
  }

  #limit(thread: string): number {
    if (this.maxBytes !== undefined) return this.maxBytes;
    const channel = this.client.channels.cache.get(thread);
    const tier = channel && 'guild' in channel ? channel.guild?.premiumTier : undefined;
    return (tier !== undefined && boosted[tier]) || BASE_LIMIT;
  }

  #isArchived(thread: string): boolean {
    const channel = this.client.channels.cache.get(thread);
    return (channel?.isThread() && channel.archived) ?? false;
  }

  async #unarchive(thread: string): Promise<void> {
    await this.client.rest.patch(Routes.channel(thread), { body: { archived: false } });
  }

  /** Tells errors that will never go away from those worth another try. */
  async #refusal(thread: string, error: unknown): Promise<unknown> {
    switch (codeOf(error)) {
      case Codes.UnknownChannel:
        return new PostRefused('The thread is gone; send the picture again to go on.');
      case Codes.CannotSendMessagesToThisUser:
        return new PostRefused(
          'Discord lets dedit send no direct messages to this person; use a server, or allow direct messages.',
        );
      case Codes.MissingAccess:
      case Codes.MissingPermissions:
        return new PostRefused(permissionsNeeded(await this.#missing(thread)));
      case Codes.InvalidFormBodyOrContentType:
        return new PostRefused(`Discord refuses the message: ${(error as Error).message.slice(0, 300)}`);
      default:
        // without discord.js's request, which holds pictures and what people wrote: whoever catches this will log it
        return error instanceof DiscordAPIError || error instanceof HTTPError
          ? new Error(`Discord: ${error.message} (status ${error.status})`)
          : error;
    }
  }

  /** By name, as far as Discord tells; an empty list when it does not let us look. */
  async #missing(thread: string): Promise<string[]> {
    const channel = await this.client.channels.fetch(thread).catch(() => null);
    if (!channel || channel.isDMBased() || !this.client.user) return [];
    const has = channel.permissionsFor(this.client.user);
    if (!has) return [];
    const missing = missingPermissions(has, 'thread');
    if (channel.isThread() && channel.locked && !has.has('ManageThreads')) missing.push('Manage Threads');
    return missing;
  }
}
