import { UserError } from '../engine/errors.js';
import { type Prisma, type Revision, type Session, Status, type Task, TaskKind } from './prisma/client.js';
import { giveUp } from './ending.js';
import type { Sessions, Tx } from './sessions.js';
import { MAX_ATTEMPTS } from './tasks.js';

/** A task with what it is about. */
export type Job = Task & { readonly session: Session; readonly revision: Revision };

/** What waits for an engine, and what was given up because it failed too often: for whoever runs this dedit. */
export class Jobs {
  constructor(private readonly sessions: Sessions) {}

  async list(): Promise<{ waiting: Job[]; givenUp: Job[] }> {
    const include = { session: true, revision: true };
    const { task } = this.sessions.prisma;
    const [waiting, givenUp] = await Promise.all([
      task.findMany({ where: WAITING, include, orderBy: { turn: 'asc' } }),
      task.findMany({ where: GIVEN_UP, include, orderBy: { doneAt: 'asc' } }),
    ]);
    return { waiting, givenUp };
  }

  /**
   * Lets what was given up wait again, as if it had never been tried; its picture is told when it is there.
   * @param id how a job's id begins; all that were given up without it
   * @returns how many there were
   * @throws UserError when there is none, or several begin so
   */
  async retry(id?: string): Promise<number> {
    return await this.#each(GIVEN_UP, id, async (tx, job) => {
      const fresh = { status: Status.PENDING, attempts: 0, error: null, doneAt: null, notBefore: null };
      await tx.task.update({ where: { id: job.id }, data: fresh });
      if (job.kind !== TaskKind.segment && job.kind !== TaskKind.edit) return;
      const waits = { status: Status.PENDING, error: null, doneAt: null };
      await tx.revision.update({ where: { id: job.revisionId }, data: waits });
      // what was to follow the cut was ended with it
      const ended = { revisionId: job.revisionId, status: Status.CANCELLED };
      await tx.task.updateMany({ where: ended, data: fresh });
    });
  }

  /**
   * Takes a job out of the list for good: one that waits is cancelled, and its thread is told.
   * @param id how a job's id begins; all that were given up without it
   * @returns how many there were
   * @throws UserError when there is none, or several begin so
   */
  async drop(id?: string): Promise<number> {
    const which = id === undefined ? GIVEN_UP : { OR: [GIVEN_UP, WAITING] };
    return await this.#each(which, id, async (tx, { id: task, status, kind, session, revision }) => {
      if (status !== Status.FAILED && revision.status === Status.PENDING)
        await giveUp(this.sessions, tx, revision, Status.CANCELLED, DROPPED);
      if (status !== Status.FAILED) {
        const say = revision.edit ? revision.say : '';
        const told = revision.parentId ?? undefined;
        await this.sessions.tell(tx, session, { kind: 'failed', what: kind, say, why: DROPPED }, told);
      }
      await tx.task.delete({ where: { id: task } });
    });
  }

  async #each(
    which: Prisma.TaskWhereInput,
    begins: string | undefined,
    work: (tx: Tx, job: Job) => Promise<void>,
  ): Promise<number> {
    const { sessions } = this;
    const where = begins === undefined ? which : { AND: [which, { id: { startsWith: begins } }] };
    const found = await sessions.prisma.task.findMany({ where, select: { id: true, sessionId: true } });
    if (begins !== undefined && found.length === 0)
      throw new UserError(`there is no such job ${begins}: "dedit jobs" lists them`);
    if (begins !== undefined && found.length > 1)
      throw new UserError(`${found.length} jobs begin with ${begins}: say more of it`);
    let done = 0;
    for (const { id, sessionId } of found)
      await sessions.prisma.$transaction(async (tx) => {
        await sessions.lock(tx, { id: sessionId });
        const include = { session: true, revision: true };
        // somebody may have ended it meanwhile
        const job = await tx.task.findFirst({ where: { AND: [which, { id }] }, include });
        if (!job) return;
        await work(tx, job);
        done++;
      });
    return done;
  }
}

const DROPPED = 'whoever runs this bot took it out of the queue';
const WAITING: Prisma.TaskWhereInput = { status: { in: [Status.PENDING, Status.RUNNING] } };
const GIVEN_UP: Prisma.TaskWhereInput = { status: Status.FAILED, attempts: { gte: MAX_ATTEMPTS } };
