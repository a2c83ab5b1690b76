import {
  Client,
  Events,
  GatewayCloseCodes,
  GatewayIntentBits,
  Options,
  Partials,
  type ClientOptions,
} from 'discord.js';
import { UserError } from '../../engine/errors.js';
import { helpText } from '../../commands/index.js';
import type { EventHandler, HasSession, Platform, Reply, ShowItem } from '../platform.js';
import { discordHosts } from './downloads.js';
import { Listener } from './listener.js';
import { loggable, type Log } from './log.js';
import { EditPacer } from '../editPacer.js';
import type { ListenerOptions } from './options.js';
import type { Restrictions } from './restrict.js';
import { Sender } from './sender.js';

export interface DiscordOptions {
  readonly token: string;
  /** Names offered for the upload's checkpoint. */
  readonly checkpoints: readonly string[];
  readonly logger: Log;
  /**
   * Whether to ask for the message content intent, which Discord gives to bots it was switched on for. 'auto' asks and
   * goes on without when Discord refuses.
   */
  readonly messageContent?: boolean | 'auto';
  /** Where pictures may be begun, and by whom. */
  readonly only?: Restrictions;
  /** As discord.js takes them; one shard for everything when not given. */
  readonly shards?: 'auto' | number | readonly number[];
  readonly shardCount?: number;
  /** For tests: where the REST API is (the gateway's address comes from there), and how patient to be with it. */
  readonly rest?: {
    readonly api?: string;
    readonly retries?: number;
    readonly timeout?: number;
    readonly offset?: number;
  };
  /** For tests: where attachments may come from. */
  readonly allowedHosts?: readonly string[];
  /** For tests: a file's limit in bytes, in place of Discord's. */
  readonly maxUploadBytes?: number;
  /** The least time between two edits of one message. */
  readonly editIntervalMs?: number;
}

/** The least that works; a server's members and presences are never asked for. */
const intents = [
  GatewayIntentBits.Guilds,
  GatewayIntentBits.GuildMessages,
  GatewayIntentBits.GuildMessageReactions,
  GatewayIntentBits.DirectMessages,
  GatewayIntentBits.DirectMessageReactions,
];
/** Without these discord.js drops what happens to messages sent before the process began. */
const partials = [Partials.Message, Partials.Reaction, Partials.Channel, Partials.User];

/** Closes that no reconnection mends, and what to do about them. */
const fatalCloses: Partial<Record<number, string>> = {
  [GatewayCloseCodes.AuthenticationFailed]:
    'Discord does not accept the token; copy it anew from the Bot page of the application.',
  [GatewayCloseCodes.DisallowedIntents]:
    'Discord refuses the message content intent; switch it on under Bot, Privileged Gateway Intents.',
  [GatewayCloseCodes.ShardingRequired]:
    'The bot is in too many servers for one shard; set the shards to "auto".',
  [GatewayCloseCodes.InvalidShard]: 'Discord refuses the shard numbers; they must lie below the shard count.',
};

class GatewayRefused extends UserError {
  constructor(readonly code: number) {
    super(fatalCloses[code] ?? `Discord closed the connection for good (${code}).`);
  }
}

/** The bot on Discord. */
export class DiscordPlatform implements Platform {
  readonly name = 'discord';
  #client: Client<true> | undefined;
  #listener: Listener | undefined;
  #sender: Sender | undefined;
  readonly #pacer: EditPacer;

  constructor(readonly options: DiscordOptions) {
    this.#pacer = new EditPacer(options.editIntervalMs ?? 1200, (error) =>
      options.logger.debug({ err: loggable(error) }, 'an edit of a progress message failed'),
    );
  }

  /** @throws UserError for a token, an intent or shards that Discord does not accept, and when it is away */
  async start(handle: EventHandler, hasSession: HasSession, showItem?: ShowItem): Promise<void> {
    const { messageContent = 'auto', logger } = this.options;
    let readsMessages = messageContent !== false;
    try {
      await this.#connect(handle, { hasSession, showItem, readsMessages });
    } catch (error) {
      const refused = error instanceof GatewayRefused && error.code === GatewayCloseCodes.DisallowedIntents;
      if (!refused || messageContent !== 'auto') throw error;
      readsMessages = false;
      logger.warn(
        {},
        'no message content intent: words are heard with a mention, in replies to the bot with a mention and by /dedit say only',
      );
      await this.#connect(handle, { hasSession, showItem, readsMessages });
    }
    logger.info({ user: this.#client?.user.tag, readsMessages }, 'Discord is connected');
  }

  async #connect(
    handle: EventHandler,
    known: Pick<ListenerOptions, 'hasSession' | 'showItem' | 'readsMessages'>,
  ): Promise<void> {
    const { options } = this;
    const { readsMessages } = known;
    const client = new Client({
      ...clientOptions(options),
      intents: readsMessages ? [...intents, GatewayIntentBits.MessageContent] : intents,
    }) as Client<true>;
    client.on(Events.Error, (error) =>
      options.logger.error({ err: loggable(error) }, 'Discord client error'),
    );
    client.on(Events.ShardError, (err, shard) =>
      options.logger.warn({ err, shard }, 'Discord gateway error'),
    );
    client.on(Events.Warn, (message) => options.logger.warn({}, message));
    client.rest.on('rateLimited', ({ route, timeToReset }) =>
      options.logger.debug({ route, timeToReset }, 'waiting for a rate limit of Discord'),
    );
    // before login, so that nothing said between the connection and its end is missed
    const listener = new Listener(client, handle, {
      checkpoints: options.checkpoints,
      help: `Begin with /dedit upload; in its thread, say for example:\n${helpText()}`,
      allowedHosts: options.allowedHosts ?? discordHosts,
      ...known,
      only: options.only ?? { channels: [], roles: [] },
      logger: options.logger,
    });
    listener.attach();
    try {
      await connected(client, options.token);
    } catch (error) {
      await client.destroy();
      throw unreachable(error) ?? error;
    }
    this.#client = client;
    this.#listener = listener;
    this.#sender = new Sender(client, options.maxUploadBytes);
  }

  post(thread: string, reply: Reply, key: string): Promise<string> {
    return this.#started().post(thread, reply, key);
  }

  update(thread: string, message: string, reply: Reply): Promise<void> {
    const sender = this.#started();
    return this.#pacer.submit(message, () => sender.edit(thread, message, reply));
  }

  replace(thread: string, message: string, reply: Reply, key: string): Promise<string> {
    return this.#started().replace(thread, message, reply, key);
  }

  #started(): Sender {
    if (!this.#sender) throw new Error('DiscordPlatform: not started');
    return this.#sender;
  }

  /** Lets what is under way end: an event that was acknowledged is stored first. */
  async stop(): Promise<void> {
    await this.#pacer.flush();
    const client = this.#client;
    this.#client = undefined;
    // no new events while those under way end
    client?.removeAllListeners(Events.InteractionCreate);
    client?.removeAllListeners(Events.MessageCreate);
    client?.removeAllListeners(Events.MessageReactionAdd);
    client?.removeAllListeners(Events.Raw);
    await this.#listener?.idle();
    await client?.destroy();
    this.#sender = undefined;
  }
}

function clientOptions(options: DiscordOptions): Omit<ClientOptions, 'intents'> {
  const { shards, shardCount, rest } = options;
  return {
    partials,
    allowedMentions: { parse: [] },
    failIfNotExists: false,
    // a bot that runs for months keeps no pictures' messages
    makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 50 }),
    ...(rest && { rest }),
    ...(shards !== undefined && { shards: typeof shards === 'object' ? [...shards] : shards }),
    ...(shardCount !== undefined && { shardCount }),
  };
}

/** Discord did not answer at all. */
function unreachable(error: unknown): UserError | undefined {
  const { code, cause, name } = error as { code?: unknown; cause?: { code?: string }; name?: string };
  const why =
    typeof code === 'string' ? code : (cause?.code ?? (name === 'AbortError' ? 'no answer' : undefined));
  return why && /^(E[A-Z]|UND_ERR|no answer)/.test(why)
    ? new UserError(`Discord cannot be reached (${why}): check the network, then start again`)
    : undefined;
}

/** Resolves when every server is known; rejects when Discord closes the connection for good. */
async function connected(client: Client, token: string): Promise<void> {
  const closed = new Promise<never>((_, reject) => {
    client.once(Events.ShardDisconnect, ({ code }) => reject(new GatewayRefused(code)));
  });
  const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  const login = client.login(token).catch((error: unknown) => {
    if (/disallowed intents/i.test(String(error)))
      throw new GatewayRefused(GatewayCloseCodes.DisallowedIntents);
    if (/invalid token/i.test(String(error)))
      throw new GatewayRefused(GatewayCloseCodes.AuthenticationFailed);
    throw error;
  });
  await Promise.race([Promise.all([login, ready]), closed]);
}
