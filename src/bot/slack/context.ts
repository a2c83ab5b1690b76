import type { WebClient } from '@slack/web-api';
import { UserError } from '../../engine/errors.js';
import { Inbox } from '../inbox.js';
import type { EventHandler, HasSession, ShowItem } from '../platform.js';
import { forPerson, loggable } from './errors.js';
import type { Self } from './events.js';
import type { Files } from './files.js';
import type { Log } from './log.js';
import type { Threads } from './threads.js';
import { type Ear, whisper } from './whisper.js';

export interface ListenerOptions {
  readonly checkpoints: readonly string[];
  readonly hasSession: HasSession;
  /** What an item looks like that was chosen from a menu; without it its number and name do. */
  readonly showItem?: ShowItem | undefined;
  /** Where pictures may be begun; everywhere when empty. */
  readonly channels: readonly string[];
  readonly logger?: Log | undefined;
}

/** What those who listen on Slack have in common. */
export class Context {
  /** A message that mentions the bot comes twice, as `message` and `app_mention`: it is done once. */
  readonly inbox = new Inbox();

  constructor(
    readonly client: WebClient,
    readonly files: Files,
    readonly threads: Threads,
    readonly self: () => Self,
    readonly handle: EventHandler,
    readonly options: ListenerOptions,
  ) {}

  /** What fails is logged and told to the person. */
  async guard(what: string, ear: Ear, work: () => Promise<void>): Promise<void> {
    const { logger } = this.options;
    await this.inbox.guard(work, async (error) => {
      if (!(error instanceof UserError))
        logger?.error({ what, err: loggable(error) }, 'a Slack event failed');
      await whisper(this.client, ear, forPerson(error)).catch((unheard: unknown) =>
        logger?.error({ what, err: loggable(unheard) }, 'a person could not be told that something failed'),
      );
    });
  }

  /** @throws UserError where no picture may be begun */
  checkChannel(channel: string): void {
    const { channels } = this.options;
    if (channels.length > 0 && !channels.includes(channel))
      throw new UserError('I am used in other channels here: ask whoever runs me in which.');
  }
}

/** Where an event comes from, as every platform says it. */
export const originOf = (id: string, thread: string, user: string) =>
  ({ id, platform: 'slack', thread, user }) as const;
