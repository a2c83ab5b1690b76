import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { MaskLink } from '../bot/act.js';
import { Conversation } from '../bot/conversation.js';
import { Delivery } from '../bot/delivery.js';
import { itemShower } from '../bot/itemPicture.js';
import type { ChatEvent, Platform, Reply } from '../bot/platform.js';
import { ProgressMessages } from '../bot/progress.js';
import { Replies } from '../bot/replies.js';
import type { Engine } from '../engine/engine.js';
import { Blobs } from '../sessions/blobs.js';
import { type Database, openDatabase } from '../sessions/database.js';
import { Outbox, type OutgoingPost } from '../sessions/outbox.js';
import { expire, rewrite, sweepBlobs } from '../sessions/retention.js';
import { keepPrivate } from '../sessions/private.js';
import { Sessions } from '../sessions/sessions.js';
import { answerAsked } from './asked.js';
import { Room } from './room.js';
import { warmUp } from './warmUp.js';
import { Lane, type TaskKind } from '../sessions/tasks.js';
import type { Quotas } from '../sessions/usage.js';
import { type WorkEvents, Wire } from '../sessions/wire.js';
import { Worker } from '../sessions/worker.js';

/**
 * What is done in engines of their own, side by side: `pixels` are cut and answer drafts within seconds, whatever the
 * checkpoint is at.
 */
export type EnginePart = 'pixels' | 'checkpoint';

export interface DeditOptions {
  /** Folder of the embedded database and of blobs. */
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  /** Whether what is acknowledged is on the disk; only tests have no need of that. */
  readonly sync?: boolean;
  readonly blobs?: Blobs;
  readonly checkpoints: readonly string[];
  /** Opens the engine of a checkpoint for a part of the work; called once each, when it is first needed. */
  readonly engine: (checkpoint: string, part: EnginePart) => Engine;
  readonly quotas?: Quotas;
  /** How much one person may say a minute; 0: as much as they like. */
  readonly messagesPerMinute?: number;
  readonly keepDays?: number;
  /** Bytes of the data folder's disk that stay free; 0, or left out: as it comes. */
  readonly reserve?: number;
  /** Free bytes of a folder's disk; for tests. */
  readonly freeBytes?: (dir: string) => number;
  /** Whether what was deleted is also taken out of the database's files. */
  readonly forgetRewrites?: boolean;
  readonly logger?: Logger;
  readonly maskLink?: MaskLink;
  /** Whether this process takes jobs; with `dedit worker`s it need not. */
  readonly works?: boolean;
  /** Whether what cuts pictures is made ready before the first one comes. */
  readonly warm?: boolean;
  /** When items are learned: once they were looked over, or when an edit first needs it. */
  readonly learn?: 'eager' | 'lazy';
  /** Told of each reply that arrived. */
  readonly onPosted?: (post: OutgoingPost) => void;
}

const HOUR = 3600_000;
const SOON = 60_000;
/** How long work and replies wait for words that are just being stored, in ms. */
const PATIENCE = 250;

/** The whole of dedit put together around one database: sessions, a worker, and the platforms given to `serve`. */
export class Dedit {
  readonly conversation: Conversation;
  readonly worker: Worker;
  readonly replies: Replies;
  #delivery: Delivery | undefined;
  #platforms: readonly Platform[] = [];
  #expiry: NodeJS.Timeout | undefined;
  #tidying: Promise<void> | undefined;
  #snapshots: Promise<void> | undefined;
  readonly #room: Room;
  readonly #closing = new AbortController();

  private constructor(
    readonly sessions: Sessions,
    private readonly database: Database,
    /** By part and checkpoint. */
    private readonly engines: Map<string, Engine>,
    private readonly options: DeditOptions,
    /** To and from the other processes of a shared database. */
    private readonly wire: Wire | undefined,
  ) {
    const { checkpoints, maskLink, logger, dataDir, reserve = 0, freeBytes } = options;
    this.#room = new Room(dataDir, reserve, freeBytes);
    this.conversation = new Conversation({
      sessions,
      checkpoints,
      ...(maskLink ? { maskLink } : {}),
      mask: (bytes, size) => this.#pixels.mask(bytes, size),
      onChange: () => this.#changed(),
      messagesPerMinute: options.messagesPerMinute ?? 0,
      answer: (event, kind, text) => void this.#answer(event, kind, text),
      noRoom: this.#room.whyNot,
    });
    this.replies = new Replies(sessions, {
      strip: (pictures) => this.#pixels.strip(pictures),
      cutOut: (scene, items) => this.#pixels.cutOut(scene, items),
    });
    this.worker = new Worker({
      sessions,
      engine: (name, lane) => this.engine(name, lane === Lane.pixels ? 'pixels' : 'checkpoint'),
      // a burst of people is acknowledged before their work is sorted
      before: async () => {
        await this.conversation.quiet(PATIENCE);
        await this.#room.wait(this.#closing.signal);
      },
      ...(logger ? { logger } : {}),
    });
    if (wire)
      this.worker
        .on('progress', (event) => wire.tellProgress(event))
        .on('told', (session, work) => wire.tellTold(session, work));
    const asking = { sessions, dataDir, signal: this.#closing.signal, onChange: () => this.#changed() };
    database.onAsked((question, socket) => {
      void answerAsked(question, socket, asking).catch((error: unknown) =>
        logger?.warn({ err: error }, 'what the command line asked for broke off'),
      );
    });
    // what one process has asked for or ended may be another's to go on with
    wire?.on('asked', () => this.worker.wake()).on('told', () => this.worker.wake());
  }

  /** There may be something to tell, and something to do, here or elsewhere. */
  #changed(): void {
    this.#delivery?.wake();
    this.worker.wake();
    this.wire?.tellAsked();
  }

  static async open(options: DeditOptions): Promise<Dedit> {
    const { dataDir, databaseUrl, sync = true } = options;
    keepPrivate(dataDir);
    const database = await openDatabase(
      databaseUrl ? { url: databaseUrl } : { dir: join(dataDir, 'database'), sync },
    );
    if (database.recovered) options.logger?.error(database.recovered);
    const sessions = new Sessions({
      database,
      blobs: options.blobs ?? Blobs.inFolder(join(dataDir, 'blobs'), sync),
      ...(options.quotas ? { quotas: options.quotas } : {}),
      ...(options.learn ? { learn: options.learn } : {}),
    });
    const wire = databaseUrl ? await Wire.open(databaseUrl) : undefined;
    return new Dedit(sessions, database, new Map(), options, wire);
  }

  /** Decodes masks and lays pictures side by side, for which any checkpoint's will do. */
  get #pixels(): Engine {
    return this.engine(this.options.checkpoints[0]!, 'pixels');
  }

  engine(checkpoint: string, part: EnginePart = 'checkpoint'): Engine {
    const key = `${part} ${checkpoint}`;
    let engine = this.engines.get(key);
    if (!engine) this.engines.set(key, (engine = this.options.engine(checkpoint, part)));
    return engine;
  }

  /** Listens on the platforms, sends what the outbox holds, and works. */
  async serve(platforms: readonly Platform[]): Promise<void> {
    const { onPosted, logger } = this.options;
    this.#platforms = platforms;
    const delivery = new Delivery({
      outbox: new Outbox(this.sessions),
      replies: this.replies,
      platforms,
      ...(logger ? { logger } : {}),
      quiet: () => this.conversation.quiet(PATIENCE),
      before: (post) => this.conversation.beforeTelling(post),
      ...(onPosted ? { onPosted } : {}),
    });
    this.#delivery = delivery;
    this.#showProgress(platforms);
    for (const platform of platforms) {
      const { name } = platform;
      const hasSession = async (thread: string) =>
        (await this.sessions.views.inThread(name, thread)) !== undefined;
      await platform.start(this.conversation.handle, hasSession, itemShower(this.sessions, name));
    }
    delivery.start();
    if (this.options.works ?? true) {
      if (this.options.warm) void warmUp(this.#pixels, this.#closing.signal).catch(() => {}); // the first picture tells why
      await this.worker.start();
    }
    const tidy = () =>
      void (this.#tidying = this.#tidy().catch((error: unknown) =>
        logger?.warn({ err: error }, 'old sessions could not be deleted'),
      ));
    tidy();
    this.#expiry = setInterval(tidy, HOUR);
    this.#snapshots = this.#takeSnapshots();
  }

  /** Copies the database to go back to: soon after the start, then every hour in which something was written. */
  async #takeSnapshots(): Promise<void> {
    const { signal } = this.#closing;
    for (let wait = SOON; this.database.keepCopy; wait = HOUR) {
      await sleep(wait, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      await this.database
        .keepCopy()
        .catch((error: unknown) => this.options.logger?.warn({ err: error }, 'no snapshot could be made'));
    }
  }

  /** Deletes what is old and what nobody names. */
  async #tidy(): Promise<void> {
    const { keepDays = 0, forgetRewrites = false } = this.options;
    await expire(this.sessions, keepDays);
    await sweepBlobs(this.sessions);
    if (forgetRewrites) await rewrite(this.sessions);
  }

  /** Of work in this process, and by the wire of work in others. */
  #showProgress(platforms: readonly Platform[]): void {
    const messages = new ProgressMessages();
    const threads = new Map<string, { platform: Platform; thread: string }>();
    const progress = ({ session, progress }: WorkEvents['progress'][0]): void => {
      const where = threads.get(session);
      if (where?.platform.work) return where.platform.work(where.thread, progress);
      if (where) return messages.update(session, where, progress);
      void this.sessions.views.session(session).then(
        (found) => {
          const platform = platforms.find(({ name }) => name === found?.platform);
          if (platform) threads.set(session, { platform, thread: found!.thread });
        },
        () => {},
      );
    };
    const told = (session: string, work: TaskKind): void => {
      const where = threads.get(session);
      if (where?.platform.work) where.platform.work(where.thread, undefined);
      messages.finished(session, work);
      threads.delete(session);
      this.#delivery?.wake();
    };
    this.worker.on('progress', progress).on('told', told);
    this.wire?.on('progress', progress).on('told', told);
  }

  /** The reason why words cannot be acted on now; undefined when they can. */
  async whyNotReady(): Promise<string | undefined> {
    const full = this.#room.whyNot();
    if (full) return 'the disk is full: work and words wait for room';
    try {
      await this.sessions.tasks.depth();
      return undefined;
    } catch (error) {
      this.options.logger?.error({ err: error }, 'not ready');
      return 'the database does not answer';
    }
  }

  /** Resolves when everything said in a thread is done and told. */
  async settled(platform: string, thread: string): Promise<void> {
    while (!(await this.sessions.views.isSettled(platform, thread))) await sleep(20);
  }

  async #answer({ platform, thread, id }: ChatEvent, kind: Reply['kind'], text: string): Promise<void> {
    await this.#platforms
      .find(({ name }) => name === platform)
      ?.post(thread, { kind, text }, `answer-${id}`)
      .catch((error: unknown) => this.options.logger?.warn({ err: error }, 'an answer could not be sent'));
  }

  /** Stops listening, puts the work under way back, closes everything. */
  async close(): Promise<void> {
    clearInterval(this.#expiry);
    this.#closing.abort();
    await Promise.all(this.#platforms.map((platform) => platform.stop()));
    await this.worker.stop();
    await this.#delivery?.stop();
    await Promise.all([...this.engines.values()].map((engine) => engine.close()));
    await this.wire?.close();
    await Promise.all([this.#tidying, this.#snapshots]); // they ask the database
    await this.database.close();
  }
}
