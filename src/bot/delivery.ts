import type { Outbox, OutgoingPost } from '../sessions/outbox.js';
import { type Platform, PostRefused } from './platform.js';
import type { Replies } from './replies.js';

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly replies: Replies;
  readonly platforms: readonly Platform[];
  readonly logger?: { warn(fields: object, text: string): void };
  /** How often the outbox is looked at when nobody says that something is new, in ms. */
  readonly poll?: number;
  /** Told after each post that arrived. */
  readonly onPosted?: (post: OutgoingPost) => void;
}

/** Sends what lies in the outbox: each thread in order, threads beside one another, failures again later. */
export class Delivery {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  readonly #busy = new Map<string, Promise<void>>();

  constructor(private readonly options: DeliveryOptions) {}

  start(): void {
    this.#timer = setInterval(() => this.wake(), this.options.poll ?? 1000);
    this.wake();
  }

  /** Something may be new. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#round) {
      this.#again = true;
      return;
    }
    this.#round = this.#look()
      .catch((error: unknown) => this.options.logger?.warn({ err: error }, 'the outbox could not be read'))
      .finally(() => {
        this.#round = undefined;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#round;
    await Promise.all(this.#busy.values());
  }

  async #look(): Promise<void> {
    const { outbox, platforms } = this.options;
    for (const post of await outbox.due(platforms.map(({ name }) => name))) {
      if (this.#busy.has(post.sessionId)) continue;
      const sending = this.#send(post).finally(() => {
        this.#busy.delete(post.sessionId);
        this.wake();
      });
      this.#busy.set(post.sessionId, sending);
    }
  }

  async #send(post: OutgoingPost): Promise<void> {
    const { outbox, replies, platforms, logger, onPosted } = this.options;
    const platform = platforms.find(({ name }) => name === post.session.platform)!;
    try {
      // another round may have sent it between this round's look and its turn
      if (!(await outbox.stillDue(post))) return;
      const reply = await replies.of(post);
      await outbox.posted(post, await platform.post(post.session.thread, reply, post.id));
      onPosted?.(post);
    } catch (error) {
      logger?.warn({ err: error, post: post.id, attempts: post.attempts }, 'a reply could not be sent');
      const why = error instanceof Error ? error.message : String(error);
      await (error instanceof PostRefused ? outbox.refused(post, why) : outbox.failed(post, why)).catch(
        () => {},
      );
    }
  }
}
