import { App } from '@slack/bolt';
import { WebClient, type WebClientOptions } from '@slack/web-api';
import { listenTrouble } from '../listen.js';
import { EditPacer } from '../editPacer.js';
import type { EventHandler, HasSession, Platform, Reply, ShowItem } from '../platform.js';
import { loggable, retryAfter, setupTrouble, unreachable } from './errors.js';
import type { Self } from './events.js';
import { Files, slackHosts } from './files.js';
import { Listener } from './listener.js';
import { slackLogger, type Log } from './log.js';
import { SCOPES } from './names.js';
import { PostPacer } from './postPacer.js';
import { Sender } from './sender.js';
import { Socket } from './socket.js';
import { Threads } from './threads.js';

export interface SlackOptions {
  readonly botToken: string;
  /** Socket Mode, the default: no public address is needed. */
  readonly appToken?: string | undefined;
  /** Signed HTTP instead, at /slack/events. */
  readonly signingSecret?: string | undefined;
  /** The address that signed HTTP listens on: this machine, unless said. */
  readonly host?: string | undefined;
  readonly port?: number;
  /** Where pictures may be begun: ids of channels; everywhere when empty. */
  readonly channels?: readonly string[];
  /** Pictures as blocks of a message (the default), or as files that everybody in the channel surely sees. */
  readonly pictures?: 'blocks' | 'files';
  readonly checkpoints: readonly string[];
  readonly logger?: Log;
  /** For tests: where the Web API is, and where files may come from. */
  readonly slackApiUrl?: string;
  readonly allowedHosts?: readonly string[];
  /** The least time between two edits of one message, and between two messages in one channel. */
  readonly editIntervalMs?: number;
  readonly postIntervalMs?: number;
  /** For tests: how patient to be with Slack. */
  readonly apiTimeoutMs?: number;
  readonly fileWaitMs?: number;
}

const API_TIMEOUT = 15_000;
/** Slack allows about 50 edits a minute (tier 3), and a message a second in a channel. */
const EDIT_INTERVAL = 1200;
const POST_INTERVAL = 1000;

/** The bot on Slack, by Bolt. */
export class SlackPlatform implements Platform {
  readonly name = 'slack' as const;
  readonly #client: WebClient;
  readonly #app: App;
  readonly #pacer: EditPacer;
  readonly #pace: PostPacer;
  readonly #threads: Threads;
  readonly #files: Files;
  readonly #sender: Sender;
  readonly #socket: Socket | undefined;
  #listener: Listener | undefined;
  #self: Self = { user: undefined, bot: undefined };
  #started = false;
  #noEditsBefore = 0;

  constructor(readonly options: SlackOptions) {
    const { botToken, logger, postIntervalMs = POST_INTERVAL, fileWaitMs } = options;
    const client = clientOptions(options);
    const self = () => this.#self;
    this.#client = new WebClient(botToken, client);
    this.#pacer = new EditPacer(options.editIntervalMs ?? EDIT_INTERVAL, (error) => {
      const seconds = retryAfter(error);
      if (seconds !== undefined) this.#noEditsBefore = performance.now() + seconds * 1000;
      logger?.warn({ err: loggable(error) }, 'a message could not be edited');
    });
    this.#pace = new PostPacer(postIntervalMs);
    this.#threads = new Threads(this.#client, self);
    this.#files = new Files(this.#client, {
      botToken,
      allowedHosts: options.allowedHosts ?? slackHosts,
      ...(fileWaitMs !== undefined ? { waitMs: fileWaitMs } : {}),
    });
    this.#sender = new Sender(this.#client, this.#files, this.#pace, this.#threads, self, {
      ...(fileWaitMs !== undefined ? { blockWaitMs: fileWaitMs } : {}),
      share: options.pictures === 'files',
    });
    if (options.appToken && !options.signingSecret) this.#socket = new Socket(options.appToken, client);
    this.#app = boltApp(options, client, self, this.#socket);
  }

  /** @throws UserError for a token that Slack does not accept, and when Slack or the port cannot be had */
  async start(handle: EventHandler, hasSession: HasSession, showItem?: ShowItem): Promise<void> {
    const { host, port, logger, checkpoints, pictures } = this.options;
    try {
      const { user_id: user, bot_id: bot, response_metadata } = await this.#client.auth.test();
      this.#self = { user, bot };
      warnOfScopes(response_metadata?.scopes, logger);
      this.#listener = new Listener(
        ...([this.#client, this.#files, this.#threads, () => this.#self, handle] as const),
        {
          ...{ checkpoints, hasSession, logger, channels: this.options.channels ?? [] },
          // where blocks may not show pictures, forms do not either
          showItem: pictures === 'files' ? undefined : showItem,
        },
      );
      this.#listener.attach(this.#app);
    } catch (error) {
      throw setupTrouble(error) ?? unreachable(error) ?? error;
    }
    try {
      if (this.#socket) await Promise.race([this.#app.start(), this.#socket.refused]);
      else await this.#app.start({ port: port ?? 3001, host: host ?? '127.0.0.1' });
    } catch (error) {
      if (this.#socket) await this.#app.stop();
      const trouble = setupTrouble(error, 'app') ?? unreachable(error);
      throw trouble ?? listenTrouble(error, `port ${port ?? 3001}`, 'SLACK_PORT');
    }
    this.#started = true;
  }

  post(thread: string, reply: Reply, key: string): Promise<string> {
    return this.#sender.post(thread, reply, key);
  }

  async update(thread: string, message: string, reply: Reply): Promise<void> {
    if (performance.now() < this.#noEditsBefore) return;
    await this.#pacer.submit(message, () => this.#sender.edit(thread, message, reply));
  }

  replace(thread: string, message: string, reply: Reply, key: string): Promise<string> {
    return this.#sender.replace(thread, message, reply, key);
  }

  /** Lets what is under way end: an event that was acknowledged is stored first. */
  async stop(): Promise<void> {
    this.#pace.stop();
    await this.#pacer.flush();
    if (this.#started) await this.#app.stop();
    this.#started = false;
    await this.#listener?.idle();
  }
}

/**
 * The outbox tries again by itself, and alone knows what was sent: the client's own retries, half an hour of them
 * unless told otherwise, would post twice what Slack took without answering.
 */
const clientOptions = ({ slackApiUrl, apiTimeoutMs, logger }: SlackOptions): WebClientOptions => ({
  timeout: apiTimeoutMs ?? API_TIMEOUT,
  retryConfig: { retries: 0 },
  rejectRateLimitedCalls: true,
  logger: slackLogger(logger),
  ...(slackApiUrl ? { slackApiUrl } : {}),
});

function boltApp(
  options: SlackOptions,
  client: WebClientOptions,
  self: () => Self,
  socket: Socket | undefined,
): App {
  const { botToken, signingSecret, logger } = options;
  const shared = {
    // given a token, Bolt would ask Slack who it is before anybody can catch that it failed, and keep the failure
    authorize: async () => {
      const { user, bot } = self();
      return { botToken, ...(user ? { botUserId: user } : {}), ...(bot ? { botId: bot } : {}) };
    },
    logger: slackLogger(logger),
    clientOptions: client,
    convoStore: false as const,
  };
  if (!socket) return new App({ ...shared, signingSecret: signingSecret ?? '' });
  return new App({ ...shared, receiver: socket.receiver, socketMode: true });
}

/** Slack names the token's scopes with every answer; those that lack are named before somebody misses them. */
function warnOfScopes(has: readonly string[] | undefined, logger: Log | undefined): void {
  if (!has || has.length === 0) return;
  for (const [scope, without] of Object.entries(SCOPES))
    if (!has.includes(scope)) logger?.warn({ scope }, `the Slack app lacks the scope ${scope}: ${without}`);
}
