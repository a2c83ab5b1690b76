import { randomUUID } from 'node:crypto';
import {
  Lane,
  type Prisma,
  type Revision,
  type Session,
  Status,
  type Task,
  TaskKind,
} from './prisma/client.js';
import type { Database } from './database.js';

export { Lane, TaskKind } from './prisma/client.js';
export type { Task } from './prisma/client.js';
type Tx = Prisma.TransactionClient;

/** A task that this process has claimed. */
export type Claim = Task & { readonly session: Session; readonly revision: Revision };

/** After so many times a task is given up. */
export const MAX_ATTEMPTS = 3;
/** Tasks that an engine still owes. */
const UNFINISHED: Status[] = [Status.PENDING, Status.RUNNING];

/** In ms: what shows people something comes before what was asked for a while earlier, what nobody sees comes after. */
const HANDICAP: Record<TaskKind, number> = { segment: -60_000, edit: 0, learn: 30_000, refine: 60_000 };
/** Which lane a kind goes into; edits that the picture's own pixels answer go into theirs. */
const LANE: Record<TaskKind, Lane> = {
  ...{ segment: Lane.pixels, edit: Lane.drawing, learn: Lane.background, refine: Lane.background },
};
/** To cut a picture; a checkpoint that draws may be asked where words are that it is to have as items. */
export const cutting = ({ id, wanted }: { id: string; wanted?: unknown }) => ({
  ...{ kind: TaskKind.segment, revisionId: id },
  ...(wanted ? { lane: Lane.drawing } : {}),
});

/** How long a task that failed rests before it is tried again, in ms, times its attempts. */
const REST = 1_000;

/**
 * The queue: rows that say what an engine is to do. Whoever turns a row from waiting to running does the task, and only
 * that claim may end it: times and claims are counted by the database alone.
 */
export class Tasks {
  constructor(private readonly database: Database) {}

  get #prisma() {
    return this.database.prisma;
  }

  /** A task that waits, in the transaction that makes what it is about. */
  async add(
    tx: Tx,
    session: Pick<Session, 'id'>,
    task: { kind: TaskKind; revisionId: string; lane?: Lane; afterLearning?: boolean; notBefore?: Date },
  ): Promise<void> {
    const { kind, revisionId, lane = LANE[kind], afterLearning = false, notBefore = null } = task;
    await tx.$executeRaw`
      INSERT INTO "Task" ("id", "kind", "lane", "sessionId", "revisionId", "afterLearning", "notBefore", "turn", "createdAt")
      VALUES (${randomUUID()}, ${kind}::"TaskKind", ${lane}::"Lane", ${session.id}, ${revisionId}, ${afterLearning}, ${notBefore}::timestamp,
        timezone('UTC', clock_timestamp()) + ${HANDICAP[kind]} * interval '1 millisecond', timezone('UTC', clock_timestamp()))`;
  }

  /**
   * Takes the lanes' next task that can be done: cutting always, an edit when its parent has a picture, learning and refining
   * when the revision itself has one. People take turns: what else of this kind its person has waiting goes behind all
   * who wait now. Turns are times, so nothing starves.
   * @param kinds what the caller can do; of kinds that a newer dedit knows nothing is taken
   */
  async claim(lanes: readonly Lane[], kinds: readonly TaskKind[]): Promise<Claim | undefined> {
    // one statement that waits for nobody's locks: of two workers that want rows of one person, neither waits for the other
    const [claimed] = await this.#prisma.$queryRaw<{ id: string }[]>`
      WITH next AS (
        SELECT t."id", t."kind", s."platform", r."user" FROM "Task" t
        JOIN "Session" s ON s."id" = t."sessionId"
        JOIN "Revision" r ON r."id" = t."revisionId"
        LEFT JOIN "Revision" p ON p."id" = r."parentId"
        WHERE t."status" = 'PENDING' AND t."lane"::text = ANY(${lanes}) AND t."kind"::text = ANY(${kinds})
          AND (t."notBefore" IS NULL OR t."notBefore" <= timezone('UTC', clock_timestamp()))
          AND CASE t."kind"::text WHEN 'segment' THEN true WHEN 'edit' THEN p."status" = 'DONE' ELSE r."status" = 'DONE' END
          AND NOT (t."kind"::text = 'learn' AND EXISTS (
            SELECT 1 FROM "Task" l WHERE l."sessionId" = t."sessionId" AND l."kind" = 'learn' AND l."status" = 'RUNNING'))
          AND NOT (t."afterLearning" AND EXISTS (
            SELECT 1 FROM "Task" l
            WHERE l."sessionId" = t."sessionId" AND l."kind" = 'learn' AND l."status" IN ('PENDING', 'RUNNING')))
        ORDER BY t."turn", t."createdAt", t."id" LIMIT 1
        FOR UPDATE OF t SKIP LOCKED),
      others AS (
        SELECT t."id" FROM next
        JOIN "Task" t ON t."kind" = next."kind" AND t."id" <> next."id" AND t."status" = 'PENDING'
        JOIN "Session" s ON s."id" = t."sessionId" AND s."platform" = next."platform"
        JOIN "Revision" r ON r."id" = t."revisionId" AND r."user" = next."user"
        FOR UPDATE OF t SKIP LOCKED),
      behind AS (
        UPDATE "Task" t SET "turn" = greatest(t."turn", timezone('UTC', statement_timestamp())) -- one time for all: their order stays
        FROM others WHERE t."id" = others."id")
      UPDATE "Task" t
      SET "status" = 'RUNNING', "attempts" = t."attempts" + 1, "heartbeatAt" = timezone('UTC', clock_timestamp())
      FROM next WHERE t."id" = next."id" RETURNING t."id"`;
    if (!claimed) return undefined;
    const include = { session: true, revision: true };
    return (await this.#prisma.task.findUnique({ where: { id: claimed.id }, include })) ?? undefined;
  }

  /** Says that the task lives. @returns whether it is still the claim's: not cancelled, not taken over, not forgotten */
  async beat({ id, attempts }: Claim): Promise<boolean> {
    const count = await this.#prisma.$executeRaw`
      UPDATE "Task" SET "heartbeatAt" = timezone('UTC', clock_timestamp())
      WHERE "id" = ${id} AND "status" = 'RUNNING' AND "attempts" = ${attempts}`;
    return count > 0;
  }

  /** Ends a claim. @returns false when it was somebody else's by now: then nothing is to be stored either */
  async end(
    tx: Tx,
    { id, attempts }: Claim,
    status: 'DONE' | 'FAILED',
    at: Date,
    error?: string,
  ): Promise<boolean> {
    const { count } = await tx.task.updateMany({
      where: { id, attempts, status: Status.RUNNING },
      data: { status, doneAt: at, heartbeatAt: null, error: error ?? null },
    });
    return count > 0;
  }

  /** It failed and is tried again in a moment. */
  async again({ id, attempts }: Claim, why: string): Promise<void> {
    await this.#prisma.$executeRaw`
      UPDATE "Task" SET "status" = 'PENDING', "heartbeatAt" = NULL, "error" = ${why},
        "notBefore" = timezone('UTC', clock_timestamp()) + ${attempts * REST} * interval '1 millisecond'
      WHERE "id" = ${id} AND "status" = 'RUNNING' AND "attempts" = ${attempts}`;
  }

  /** The process stops: it was not the task's fault, and the claim does not count. */
  async putBack({ id, attempts }: Claim): Promise<void> {
    await this.#prisma.task.updateMany({
      where: { id, attempts, status: Status.RUNNING },
      data: { status: Status.PENDING, attempts: { decrement: 1 }, heartbeatAt: null },
    });
  }

  /**
   * Lets wait again what a process was doing that is gone.
   * @param silence in ms; undefined: nobody else works on this database, so whatever runs is left over
   * @param mine what this process is at
   * @returns what was begun too often; it still runs, and is the caller's to give up
   */
  async takeOver(silence: number | undefined, mine: readonly string[] = []): Promise<Claim[]> {
    const gone = await this.#prisma.$queryRaw<{ id: string; attempts: number }[]>`
      SELECT "id", "attempts" FROM "Task"
      WHERE "status" = 'RUNNING' AND NOT "id" = ANY(${mine}) AND (${silence ?? null}::int IS NULL OR "heartbeatAt" IS NULL
        OR "heartbeatAt" < timezone('UTC', clock_timestamp()) - ${silence ?? 0} * interval '1 millisecond')`;
    const tooOften: string[] = [];
    for (const { id, attempts } of gone) {
      if (attempts >= MAX_ATTEMPTS) tooOften.push(id);
      else
        await this.#prisma.task.updateMany({
          where: { id, attempts, status: Status.RUNNING },
          data: { status: Status.PENDING, heartbeatAt: null },
        });
    }
    // pictures of its strip that it was to draw as well need wait for it no more
    if (gone.length > 0)
      await this.#prisma.$executeRaw`
        UPDATE "Task" t SET "notBefore" = NULL FROM "Revision" r
        WHERE r."id" = t."revisionId" AND t."kind" = 'edit' AND t."status" = 'PENDING' AND r."stripId" IN (
          SELECT s."stripId" FROM "Task" g JOIN "Revision" s ON s."id" = g."revisionId"
          WHERE g."id" = ANY(${gone.map(({ id }) => id)}) AND g."kind" = 'edit')`;
    if (tooOften.length === 0) return [];
    const include = { session: true, revision: true };
    return await this.#prisma.task.findMany({ where: { id: { in: tooOften } }, include });
  }

  /** Ends what waits or runs; whoever works on it hears so at the next heartbeat. */
  async cancel(
    tx: Tx,
    which: Pick<Prisma.TaskWhereInput, 'sessionId' | 'revisionId' | 'kind' | 'OR'>,
  ): Promise<number> {
    const { count } = await tx.task.updateMany({
      where: { ...which, status: { in: UNFINISHED } },
      data: { status: Status.CANCELLED, heartbeatAt: null },
    });
    return count;
  }

  /** How many wait, and how many were given up. */
  async depth(): Promise<{ waiting: number; dead: number }> {
    const [waiting, dead] = await Promise.all([
      this.#prisma.task.count({ where: { status: Status.PENDING } }),
      this.#prisma.task.count({ where: { status: Status.FAILED, attempts: { gte: MAX_ATTEMPTS } } }),
    ]);
    return { waiting, dead };
  }
}
