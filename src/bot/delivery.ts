import type { Outbox, OutgoingPost } from '../sessions/outbox.js';
import { type Platform, PostRefused, type Reply } from './platform.js';
import type { Replies } from './replies.js';

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly replies: Replies;
  readonly platforms: readonly Platform[];
  readonly logger?: { warn(fields: object, text: string): void };
  /** How often the outbox is looked at when nobody says that something is new, in ms. */
  readonly poll?: number;
  /** Waited for before each look: people's words are stored first. */
  readonly quiet?: () => Promise<void>;
  /** What is to be stored before a post is sent. */
  readonly before?: (post: OutgoingPost) => Promise<void>;
  /** Told after each post that arrived. */
  readonly onPosted?: (post: OutgoingPost) => void;
}

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 60_000;

/** In the place of an earlier message where there is one; a message of its own otherwise. */
async function put(platform: Platform, post: OutgoingPost, reply: Reply): Promise<string> {
  const { thread } = post.session;
  if (reply.replaces && platform.replace)
    return await platform.replace(thread, reply.replaces, reply, post.id);
  return await platform.post(thread, reply, post.id);
}

/** Sends what lies in the outbox: each thread in order, threads beside one another, failures again later. */
export class Delivery {
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  readonly #busy = new Map<string, Promise<void>>();
  /** Sent, and not yet marked as sent: this process sends none of them again. */
  readonly #unmarked = new Map<string, { readonly post: OutgoingPost; readonly message: string }>();
  /** How often in a row the outbox could not be written, and until when it is left alone. */
  #refusals = 0;
  #quietUntil = 0;

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
    if (performance.now() < this.#quietUntil) return;
    const { outbox, platforms, quiet } = this.options;
    await quiet?.();
    // what people have and the database does not know of yet comes first
    for (const [id, sent] of this.#unmarked) if (!(await this.#mark(id, sent))) return;
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
    let message: string;
    try {
      // another round may have sent it between this round's look and its turn
      if (this.#unmarked.has(post.id) || !(await outbox.stillDue(post))) return;
      await this.options.before?.(post);
      const reply = await replies.of(post);
      message = await put(platform, post, reply);
    } catch (error) {
      logger?.warn({ err: error, post: post.id, attempts: post.attempts }, 'a reply could not be sent');
      const why = error instanceof Error ? error.message : String(error);
      await this.#write(() =>
        error instanceof PostRefused ? outbox.refused(post, why) : outbox.failed(post, why),
      );
      return;
    }
    onPosted?.(post);
    const sent = { post, message };
    this.#unmarked.set(post.id, sent);
    await this.#mark(post.id, sent);
  }

  /** @returns whether the database knows that the post was sent */
  async #mark(id: string, { post, message }: { post: OutgoingPost; message: string }): Promise<boolean> {
    const written = await this.#write(() => this.options.outbox.posted(post, message));
    if (written) this.#unmarked.delete(id);
    return written;
  }

  /** While the database takes nothing, nothing is sent: what cannot be marked would be sent again after a restart. */
  async #write(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.#refusals = 0;
      return true;
    } catch (error) {
      const wait = Math.min(FIRST_WAIT * 2 ** this.#refusals++, LONGEST_WAIT);
      this.#quietUntil = performance.now() + wait;
      this.options.logger?.warn(
        { err: error, wait },
        'the outbox cannot be written: nothing is sent meanwhile',
      );
      return false;
    }
  }
}
