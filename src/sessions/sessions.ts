import { randomUUID } from 'node:crypto';
import type { EditOptions } from '../engine/editor.js';
import { UserError } from '../engine/errors.js';
import type { Blobs } from './blobs.js';
import type { Database } from './database.js';
import { Learning } from './learning.js';
import type { Notice } from './notice.js';
import { Prisma } from './prisma/client.js';
import { type Revision, type Session, settingsOf, Status, storable, type Tx } from './rows.js';
import { cutting, TaskKind, Tasks } from './tasks.js';
import { Tree } from './tree.js';
import { checkShare, NO_QUOTAS, type Quotas } from './usage.js';
import { Views } from './views.js';

export type { Post, Revision, Session, Task, Tx } from './rows.js';
export { itemsOf, learnedStepsOf, Status } from './rows.js';

export interface SessionsOptions {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly quotas?: Quotas;
  readonly now?: () => Date;
  /** When items are learned: once they were looked over, or when an edit first needs it. */
  readonly learn?: 'eager' | 'lazy';
  /** How long eager learning waits for the items to be looked over, in ms. */
  readonly patience?: number | undefined;
}

/** Where a person's words apply: the picture they see, and the one their edit will be done on. */
export interface Standing {
  readonly session: Session;
  /** The finished revision whose numbers the words use; undefined while the picture is still being cut. */
  readonly shown: Revision | undefined;
  /** The revision that a new one follows; it may not be done yet. */
  readonly parent: Revision | undefined;
}

/** Edit sessions as rows: pictures and revisions as a tree, what waits to be told, and what waits for an engine. */
export class Sessions {
  readonly database: Database;
  readonly blobs: Blobs;
  readonly tasks: Tasks;
  readonly quotas: Quotas;
  readonly now: () => Date;
  readonly views: Views;
  readonly learning: Learning;

  constructor({
    database,
    blobs,
    quotas = NO_QUOTAS,
    now = () => new Date(),
    learn,
    patience,
  }: SessionsOptions) {
    this.database = database;
    this.blobs = blobs;
    this.quotas = quotas;
    this.now = now;
    this.tasks = new Tasks(database);
    this.learning = new Learning(this.tasks, learn, patience);
    this.views = new Views(database);
  }

  get prisma() {
    return this.database.prisma;
  }

  /**
   * Does what an event asks for in one transaction with the note that it was done: an event told twice is done once,
   * and one whose transaction broke is done when it is told again.
   * @returns undefined when it was done before
   */
  async once<T>(
    event: { platform: string; id: string },
    work: (tx: Tx) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await this.prisma.$transaction(
        async (tx) => {
          await tx.event.create({ data: { platform: event.platform, id: event.id } });
          return await work(tx);
        },
        { maxWait: 20_000, timeout: 20_000 },
      );
    } catch (error) {
      if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002') {
        const seen = await this.prisma.event.findUnique({
          where: { platform_id: { platform: event.platform, id: event.id } },
        });
        if (seen) return undefined;
      }
      throw error;
    }
  }

  /** The session of a thread, locked for this transaction and used now: what is used does not expire meanwhile. */
  async inThread(tx: Tx, platform: string, thread: string): Promise<Session | undefined> {
    const [found] = await tx.session.updateManyAndReturn({
      where: { platform, thread },
      data: { usedAt: this.now() },
    });
    return found;
  }

  /** Locks a session for this transaction; whoever changes several of its rows does so first, in that order. */
  async lock(tx: Tx, { id }: Pick<Session, 'id'>): Promise<void> {
    await tx.$queryRaw`SELECT 1 AS "one" FROM "Session" WHERE "id" = ${id} FOR UPDATE`;
  }

  tree(tx: Tx, { id }: Pick<Session, 'id'>): Tree {
    return new Tree(tx, id);
  }

  /** The session as it is now, after what this transaction did to it. */
  async reload(tx: Tx, { id }: Pick<Session, 'id'>): Promise<Session> {
    return await tx.session.findUniqueOrThrow({ where: { id } });
  }

  /** A new session with the picture a person sent as revision 0, waiting to be cut and, unless that is left for later, to be learned. */
  async create(
    tx: Tx,
    made: {
      id: string;
      platform: string;
      thread: string;
      user: string;
      checkpoint: string;
      /** Undefined when there is nothing to look at: the person is only told why. */
      sourceKey: string | undefined;
      sourceHash?: string | undefined;
      /** Names of things that are to be its items. */
      wanted?: readonly string[] | undefined;
      bytes: number;
    },
  ): Promise<Session> {
    const revision = randomUUID();
    const session = await tx.session.create({
      data: {
        id: made.id,
        platform: made.platform,
        thread: made.thread,
        owner: made.user,
        checkpoint: made.checkpoint,
        headId: revision,
        bytes: made.bytes,
      },
    });
    await tx.revision.create({
      data: {
        id: revision,
        sessionId: session.id,
        number: 0,
        say: 'upload',
        user: made.user,
        sourceKey: made.sourceKey ?? null,
        sourceHash: made.sourceHash ?? null,
        ...(made.wanted ? { wanted: [...made.wanted] } : {}),
      },
    });
    await this.tasks.add(tx, session, cutting({ id: revision, wanted: made.wanted }));
    await this.learning.await(tx, session, { id: revision }, this.now());
    return session;
  }

  /** Where words apply that were written in the thread, perhaps as a reply to one of the bot's messages. */
  async standing(tx: Tx, session: Session, replyTo?: string): Promise<Standing> {
    const answered = replyTo ? await this.revisionOf(tx, session, replyTo) : undefined;
    const head = await find(tx, session.headId);
    let shown = head;
    if (head && head.status !== Status.DONE)
      shown = await find(tx, (await this.tree(tx, session).upToFinished(head.id)).at(-1));
    if (shown?.status !== Status.DONE) shown = undefined;
    // a reference is looked at, never edited
    if (answered && !answered.letter && answered.id !== shown?.id && answered.status === Status.DONE)
      return { session, shown: answered, parent: answered };
    return { session, shown, parent: head };
  }

  /** `standing` outside any transaction, for who only looks. */
  async standingNow(session: Session, replyTo?: string): Promise<Standing> {
    return await this.standing(this.prisma, session, replyTo);
  }

  /** The revision that one of the bot's messages shows. */
  async revisionOf(tx: Tx, session: Session, message: string): Promise<Revision | undefined> {
    const post = await tx.post.findFirst({ where: { sessionId: session.id, message } });
    return await find(tx, post?.revisionId);
  }

  /** Whether the person is still at this picture: it is the session's, and nothing follows it. */
  async isStanding(
    tx: Pick<Tx, 'session' | 'revision'>,
    { id, sessionId }: Pick<Revision, 'id' | 'sessionId'>,
  ): Promise<boolean> {
    const { headId } = await tx.session.findUniqueOrThrow({ where: { id: sessionId } });
    if (headId !== id) return false;
    const status = { in: [Status.PENDING, Status.DONE] };
    return (await tx.revision.count({ where: { parentId: id, status } })) === 0;
  }

  /** Further words work on this revision: no other one is drawn finer any more. */
  async stand(tx: Tx, session: Session, revision: string): Promise<void> {
    const others = { sessionId: session.id, kind: TaskKind.refine, revisionId: { not: revision } };
    await this.tasks.cancel(tx, others);
    await tx.session.update({ where: { id: session.id }, data: { headId: revision, usedAt: this.now() } });
  }

  async set(tx: Tx, session: Session, settings: Partial<EditOptions>): Promise<void> {
    const all = { ...settingsOf(session), ...settings };
    await tx.session.update({ where: { id: session.id }, data: { settings: all, usedAt: this.now() } });
  }

  /** Puts something into the outbox. */
  async tell(tx: Tx, session: Pick<Session, 'id'>, notice: Notice, revision?: string): Promise<void> {
    await tx.post.create({
      data: { sessionId: session.id, revisionId: revision ?? null, notice: storable(notice) },
    });
  }

  /** Why a person may send no picture now; undefined when they may. */
  async whyNoUpload(person: { platform: string; user: string }): Promise<UserError | undefined> {
    try {
      await checkShare(this, this.prisma, person, 'uploads');
      return undefined;
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  }
}

const find = async (tx: Tx, id: string | null | undefined): Promise<Revision | undefined> =>
  (id && (await tx.revision.findUnique({ where: { id } }))) || undefined;
