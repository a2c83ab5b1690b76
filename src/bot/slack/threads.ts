import type { WebClient } from '@slack/web-api';
import type { Self } from './events.js';
import { Recent } from '../recent.js';

/** A session's first picture follows the message its thread hangs on. */
const LOOK_AT = 15;

/**
 * Which threads are ours, and in which thread one of our messages is. Mostly known from having been there; after a
 * restart Slack is asked, once a thread, since conversations.replies may be rationed to one call a minute
 * (docs.slack.dev/changelog/2025/05/29/rate-limit-changes-for-non-marketplace-apps).
 */
export class Threads {
  readonly #ours = new Recent<boolean>(5000);
  readonly #messages = new Recent<string>(5000);
  readonly #newest = new Recent<string>(5000);

  constructor(
    private readonly client: WebClient,
    private readonly self: () => Self,
  ) {}

  add(channel: string, thread_ts: string): void {
    this.#ours.set(`${channel}:${thread_ts}`, true);
  }

  /** A message of ours. */
  addMessage(channel: string, thread_ts: string, ts: string): void {
    this.add(channel, thread_ts);
    this.#messages.set(`${channel}:${ts}`, thread_ts);
    this.seen(channel, thread_ts, ts);
  }

  /** Somebody's message in a thread of ours. */
  seen(channel: string, thread_ts: string, ts: string): void {
    if (Number(ts) > Number(this.newest(channel, thread_ts))) this.#newest.set(`${channel}:${thread_ts}`, ts);
  }

  /** The newest message that is known in a thread, which is its first one where none is: a time by Slack's clock. */
  newest(channel: string, thread_ts: string): string {
    return this.#newest.get(`${channel}:${thread_ts}`) ?? thread_ts;
  }

  /** Whether the bot has said something in a thread; undefined when Slack does not tell. */
  async isOurs(channel: string, thread_ts: string): Promise<boolean | undefined> {
    const thread = `${channel}:${thread_ts}`;
    const known = this.#ours.get(thread);
    if (known !== undefined) return known;
    try {
      const { messages = [] } = await this.client.conversations.replies({
        ...{ channel, ts: thread_ts, limit: LOOK_AT },
      });
      const ours = messages.some((message) => this.#isOwn(message));
      this.#ours.set(thread, ours);
      return ours;
    } catch {
      return undefined;
    }
  }

  /** The thread of a message of ours; undefined for others' and those outside threads. */
  async threadOfMessage(channel: string, ts: string): Promise<string | undefined> {
    const known = this.#messages.get(`${channel}:${ts}`);
    if (known) return known;
    // the message the thread hangs on comes along, whatever the bounds
    const { messages = [] } = await this.client.conversations.replies({
      ...{ channel, ts, oldest: ts, latest: ts, inclusive: true, limit: 2 },
    });
    const message = messages.find((m) => m.ts === ts);
    if (!message?.thread_ts || !this.#isOwn(message)) return undefined;
    this.addMessage(channel, message.thread_ts, ts);
    return message.thread_ts;
  }

  #isOwn(message: { user?: string; bot_id?: string }): boolean {
    const { user, bot } = this.self();
    return (!!user && message.user === user) || (!!bot && message.bot_id === bot);
  }
}
