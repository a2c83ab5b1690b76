import { Events, type Client } from 'discord.js';
import { Inbox } from '../inbox.js';
import type { EventHandler } from '../platform.js';
import type { ReactionFacts } from './events.js';
import { isStale } from './explain.js';
import { Interactions } from './interactions.js';
import { loggable } from './log.js';
import { Messages } from './messages.js';
import type { ListenerOptions } from './options.js';

/**
 * Turns what happens on Discord into `ChatEvent`s. Interactions are acknowledged before anything else, and one that
 * could not be acknowledged is not acted on: Discord has told the person that it failed, and they will press again.
 */
export class Listener {
  readonly #inbox = new Inbox();
  readonly #interactions: Interactions;
  readonly #messages: Messages;

  constructor(
    readonly client: Client<true>,
    handle: EventHandler,
    readonly options: ListenerOptions,
  ) {
    this.#interactions = new Interactions(client, handle, options, this.#inbox);
    this.#messages = new Messages(client, handle, options);
  }

  attach(): void {
    const { client } = this;
    client.on(Events.InteractionCreate, (interaction) =>
      this.#guard('interaction', () => this.#interactions.heard(interaction)),
    );
    client.on(Events.MessageCreate, (message) =>
      this.#guard('message', () =>
        this.#inbox.inOrder(message.channelId, () => this.#messages.said(message)),
      ),
    );
    client.on(Events.MessageReactionAdd, ({ message, emoji }, user) =>
      this.#reacted(message.channelId, {
        user: user.id,
        message: message.id,
        emoji: { id: emoji.id, name: emoji.name },
      }),
    );
    // discord.js drops reactions in channels it has not met, as direct messages after a restart: nothing says what
    // kind of channel it is.
    client.on(Events.Raw, (packet: { t?: string | null; d?: RawReaction }) => {
      if (packet.t !== 'MESSAGE_REACTION_ADD' || !packet.d) return;
      const { channel_id, user_id, message_id, emoji, guild_id } = packet.d;
      if (guild_id !== undefined || client.channels.cache.has(channel_id)) return;
      this.#reacted(channel_id, { user: user_id, message: message_id, emoji });
    });
  }

  #reacted(channelId: string, facts: ReactionFacts): void {
    this.#guard('reaction', () =>
      this.#inbox.inOrder(channelId, () => this.#messages.reacted(channelId, facts)),
    );
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#inbox.idle();
  }

  #guard(what: string, work: () => Promise<void>): void {
    const { logger } = this.options;
    void this.#inbox.guard(work, (error) => {
      if (isStale(error)) logger.warn({ what }, 'an interaction was too old to acknowledge');
      else logger.error({ what, err: loggable(error) }, 'a Discord event failed');
    });
  }
}

interface RawReaction {
  readonly channel_id: string;
  readonly user_id: string;
  readonly message_id: string;
  readonly guild_id?: string;
  readonly emoji: { readonly id: string | null; readonly name: string | null };
}
