import { randomUUID } from 'node:crypto';
import type { EditOptions } from '../engine/editor.js';
import {
  type Edit,
  isRefinable,
  type Item,
  itemsAfter,
  lettersOf,
  needOf,
  regroups,
  renumbered,
} from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import type { Blobs } from './blobs.js';
import type { Database } from './database.js';
import { awaitsWord, Learning, owedAt } from './learning.js';
import type { Notice } from './notice.js';
import { referencesOf } from './references.js';
import { Prisma, type Revision, type Session, Status } from './prisma/client.js';
import { packEdit } from './storedEdit.js';
import { TaskKind, Tasks } from './tasks.js';
import { Tree } from './tree.js';
import { checkShare, NO_QUOTAS, type Quotas } from './usage.js';
import { Views } from './views.js';

export type { Post, Revision, Session, Task } from './prisma/client.js';
export { Status } from './prisma/client.js';
export type Tx = Prisma.TransactionClient;

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

/** A thread with more is read and drawn no more in a moment. */
export const MOST_REVISIONS = 1000;

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
    await tx.session.updateMany({ where: { platform, thread }, data: { usedAt: this.now() } });
    const found = await tx.session.findUnique({ where: { platform_thread: { platform, thread } } });
    return found ?? undefined;
  }

  /** Locks a session for this transaction; whoever changes several of its rows does so first, in that order. */
  async lock(tx: Tx, { id }: Pick<Session, 'id'>): Promise<void> {
    await tx.$queryRaw`SELECT 1 AS "one" FROM "Session" WHERE "id" = ${id} FOR UPDATE`;
  }

  tree(tx: Tx, { id }: Pick<Session, 'id'>): Tree {
    return new Tree(tx, id);
  }

  /** The session as it is now, after what this transaction did to it. */
  async again(tx: Tx, { id }: Pick<Session, 'id'>): Promise<Session> {
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
      },
    });
    const asked = { user: made.user, at: this.now() };
    await this.tasks.add(tx, session, { kind: TaskKind.segment, revisionId: revision }, asked);
    await this.learning.await(tx, session, { id: revision }, asked);
    return session;
  }

  /** Where words apply that were written in the thread, perhaps as a reply to one of the bot's messages. */
  async standing(tx: Tx, session: Session, replyTo?: string): Promise<Standing> {
    const answered = replyTo ? await this.revisionOf(tx, session, replyTo) : undefined;
    const head = session.headId ? await tx.revision.findUnique({ where: { id: session.headId } }) : null;
    let shown = head;
    while (shown && shown.status !== Status.DONE) {
      shown = shown.parentId ? await tx.revision.findUnique({ where: { id: shown.parentId } }) : null;
    }
    // a reference is looked at, never edited
    if (answered && !answered.letter && answered.id !== shown?.id && answered.status === Status.DONE)
      return { session, shown: answered, parent: answered };
    return { session, shown: shown ?? undefined, parent: head ?? undefined };
  }

  /** `standing` outside any transaction, for who only looks. */
  async standingNow(session: Session, replyTo?: string): Promise<Standing> {
    return await this.standing(this.prisma, session, replyTo);
  }

  /** The revision that one of the bot's messages shows. */
  async revisionOf(tx: Tx, session: Session, message: string): Promise<Revision | undefined> {
    const post = await tx.post.findFirst({ where: { sessionId: session.id, message } });
    const found = post?.revisionId && (await tx.revision.findUnique({ where: { id: post.revisionId } }));
    return found || undefined;
  }

  /**
   * A new revision that waits for its turn.
   * @param edit in the numbers of the picture that is shown
   * @throws UserError when an earlier edit that still waits takes the item away
   */
  async addRevision(
    tx: Tx,
    { session, shown, parent }: Standing,
    added: {
      say: string;
      user: string;
      edit: Edit;
      options: Partial<EditOptions>;
      stripId?: string;
      follow?: boolean;
    },
  ): Promise<Revision> {
    let numbers = itemsOf(shown).map((_, i) => i);
    for (const waiting of await this.#path(tx, parent, shown))
      numbers = later(itemsAfter(numbers, waiting.edit as unknown as Edit));
    const edit = renumbered(added.edit, numbers);
    if (!edit)
      throw new UserError(
        'that item goes away with an edit that still waits: wait for its picture, or say "cancel"',
      );
    const { _max } = await tx.revision.aggregate({
      where: { sessionId: session.id },
      _max: { number: true },
    });
    if ((_max.number ?? 0) >= MOST_REVISIONS)
      throw new UserError(
        `this thread has ${MOST_REVISIONS} pictures: send the newest one anew and go on in a thread of its own`,
      );
    const revision = await tx.revision.create({
      data: {
        sessionId: session.id,
        parentId: parent?.id ?? null,
        number: (_max.number ?? 0) + 1,
        say: added.say.slice(0, 1000),
        user: added.user,
        edit: storable(await packEdit(this.blobs, session, edit)),
        options: { ...settingsOf(session), ...added.options },
        stripId: added.stripId ?? null,
      },
    });
    const asked = { user: added.user, at: this.now() };
    const { redraw = 0 } = revision.options as Partial<EditOptions>;
    const afterLearning = needOf(edit) === 'learning';
    // a draft is shown at once; what a person wants drawn finer is learned meanwhile
    const wanted = afterLearning || (isRefinable(edit) && redraw > 0);
    // whoever changes something has found the items right
    const begins = wanted || (this.learning.mode === 'eager' && !regroups(edit));
    if (begins && parent) await this.learning.begin(tx, session, parent, asked);
    if (afterLearning)
      for (const reference of await referencesOf(tx, session, lettersOf(edit)))
        await this.learning.join(tx, session, reference, asked);
    await this.tasks.add(tx, session, { kind: TaskKind.edit, revisionId: revision.id, afterLearning }, asked);
    if (parent) await this.tasks.cancel(tx, { revisionId: parent.id, kind: TaskKind.refine });
    if (added.follow ?? true) await this.stand(tx, session, revision.id);
    return revision;
  }

  /**
   * Has the draft of a revision drawn finer when its items are learned, if they are or are going to be. A refinement
   * belongs to its revision: it is dropped as soon as the person goes on.
   */
  async refineLater(tx: Tx, session: Session, revision: Revision): Promise<void> {
    const { redraw } = revision.options as Partial<EditOptions>;
    const learning = redraw === 0 ? undefined : await this.tree(tx, session).learning();
    if (!learning || learning.status === Status.FAILED || learning.status === Status.CANCELLED) return;
    if (awaitsWord(learning, this.now())) return;
    if (!(await this.isStanding(tx, revision))) return;
    const task = { kind: TaskKind.refine, revisionId: revision.id, afterLearning: true };
    await this.tasks.add(tx, session, task, { user: revision.user, at: this.now() });
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

  /** The revisions between the one that is shown (not included) and `parent`, oldest first. */
  async #path(tx: Tx, parent: Revision | undefined, shown: Revision | undefined): Promise<Revision[]> {
    const path: Revision[] = [];
    for (let at = parent; at && at.id !== shown?.id && at.edit;) {
      path.unshift(at);
      at = at.parentId
        ? ((await tx.revision.findUnique({ where: { id: at.parentId } })) ?? undefined)
        : undefined;
    }
    return path;
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

  /**
   * Ends everything of the session that waits or runs, but not the cutting of its picture.
   * @returns how many things were ended
   */
  async cancel(tx: Tx, session: Pick<Session, 'id'>): Promise<number> {
    const waiting = await tx.revision.findMany({
      where: { sessionId: session.id, status: Status.PENDING, number: { gt: 0 } },
      orderBy: { number: 'desc' },
    });
    for (const revision of waiting) await this.give(tx, revision, Status.CANCELLED, 'cancelled');
    const others = await this.tasks.cancel(tx, {
      ...{ sessionId: session.id, kind: { not: TaskKind.segment } },
      ...owedAt(this.now()),
    });
    return waiting.length + others;
  }

  /** Gives a revision up with the work for it: what followed it follows its parent from now on. */
  async give(tx: Tx, revision: Revision, status: 'FAILED' | 'CANCELLED', error: string): Promise<void> {
    await tx.revision.update({ where: { id: revision.id }, data: { status, error, doneAt: this.now() } });
    const learns = { revisionId: revision.id, kind: TaskKind.learn, status: Status.PENDING };
    if (revision.parentId)
      await tx.task.updateMany({ where: learns, data: { revisionId: revision.parentId } });
    await this.tasks.cancel(tx, { revisionId: revision.id });
    if (revision.parentId) {
      await tx.revision.updateMany({
        where: { parentId: revision.id },
        data: { parentId: revision.parentId },
      });
      await tx.session.updateMany({
        where: { id: revision.sessionId, headId: revision.id },
        data: { headId: revision.parentId },
      });
    }
  }

  /** Makes room for another picture in the thread; the session is kept, out of reach, until it expires. */
  async retire(tx: Tx, session: Session): Promise<void> {
    await this.cancel(tx, session);
    await this.tasks.cancel(tx, { sessionId: session.id });
    await tx.revision.updateMany({
      where: { sessionId: session.id, status: Status.PENDING },
      data: { status: Status.CANCELLED },
    });
    await tx.post.updateMany({
      where: { sessionId: session.id, message: null },
      data: { refused: 'another picture came into the thread' },
    });
    await tx.session.update({
      where: { id: session.id },
      data: { thread: `${session.thread}#${session.id}` },
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

  /** Nobody works on the picture: the person has had their share today. */
  async cancelUpload(tx: Tx, { id }: Pick<Session, 'id'>): Promise<void> {
    await tx.revision.updateMany({ where: { sessionId: id }, data: { status: Status.CANCELLED } });
    await this.tasks.cancel(tx, { sessionId: id });
  }

  /** The sessions a person began. */
  async ofUser(tx: Tx, { platform, user }: { platform: string; user: string }): Promise<{ id: string }[]> {
    return await tx.session.findMany({ where: { platform, owner: user }, select: { id: true } });
  }

  /** Deletes the rows of everything a person began, and what was counted of them. */
  async dropUser(tx: Tx, { platform, user }: { platform: string; user: string }): Promise<void> {
    await tx.session.deleteMany({ where: { platform, owner: user } });
    await tx.usage.deleteMany({ where: { platform, user } });
  }

  /** Deletes the rows of a session. Its blobs are to be forgotten after the transaction: rows come back, files do not. */
  async drop(tx: Tx, { id }: Pick<Session, 'id'>): Promise<void> {
    await tx.session.deleteMany({ where: { id } });
  }

  /** Deletes the session with everything that belongs to it. */
  async forget(session: Pick<Session, 'id'>): Promise<void> {
    await this.drop(this.prisma, session);
    await this.blobs.forget(session.id);
  }
}

export const itemsOf = (revision: Revision | undefined): readonly Item[] =>
  (revision?.items ?? []) as unknown as readonly Item[];

export const settingsOf = (session: Session): Partial<EditOptions> =>
  session.settings as Partial<EditOptions>;

const storable = (value: unknown): Prisma.InputJsonValue => value as Prisma.InputJsonValue;

/** @throws UserError when only the picture that is still to come tells which items it has */
function later<T>(items: T[] | undefined): T[] {
  if (items) return items;
  throw new UserError(
    'the items are counted anew on the picture that is being cropped: say it once it is there',
  );
}
