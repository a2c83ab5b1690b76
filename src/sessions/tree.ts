import { type Prisma, type Revision, Status, type Task, TaskKind } from './prisma/client.js';
import { storable } from './rows.js';

/** Revisions as a person sees them: RUNNING where somebody works on the picture just now. */
export async function withWork(
  tx: Pick<Prisma.TransactionClient, 'task'>,
  revisions: readonly Revision[],
): Promise<Revision[]> {
  const waiting = revisions.filter(({ status }) => status === Status.PENDING).map(({ id }) => id);
  if (waiting.length === 0) return [...revisions];
  const where = { revisionId: { in: waiting }, status: Status.RUNNING };
  const running = new Set((await tx.task.findMany({ where })).map(({ revisionId }) => revisionId));
  return revisions.map((row) => (running.has(row.id) ? { ...row, status: Status.RUNNING } : row));
}

/** The pictures of one session as one transaction sees them: a tree that grows from number 0, what the person sent. */
export class Tree {
  constructor(
    private readonly tx: Prisma.TransactionClient,
    private readonly sessionId: string,
  ) {}

  /** In the order in which they were asked for; references are no part of the tree. */
  async all(): Promise<Revision[]> {
    const where = { sessionId: this.sessionId, number: { gte: 0 } };
    return await withWork(this.tx, await this.tx.revision.findMany({ where, orderBy: { number: 'asc' } }));
  }

  async root(): Promise<Revision | undefined> {
    return (
      (await this.tx.revision.findFirst({ where: { sessionId: this.sessionId, number: 0 } })) ?? undefined
    );
  }

  /** A revision that is not finished and those above it, up to the nearest that is: their ids, in one statement. */
  async upToFinished(id: string): Promise<string[]> {
    const path = await this.tx.$queryRaw<{ id: string }[]>`
      WITH RECURSIVE up AS (
        SELECT "id", "parentId", "status", 0 AS steps FROM "Revision" WHERE "id" = ${id}
        UNION ALL
        SELECT r."id", r."parentId", r."status", steps + 1 FROM "Revision" r
        JOIN up ON r."id" = up."parentId" AND up."status" <> 'DONE')
      SELECT "id" FROM up ORDER BY steps`;
    return path.map((row) => row.id);
  }

  async parentOf(revision: Pick<Revision, 'parentId'>): Promise<Revision | undefined> {
    if (!revision.parentId) return undefined;
    return (await this.tx.revision.findUnique({ where: { id: revision.parentId } })) ?? undefined;
  }

  /** The finished revision that was asked for last of those that follow. */
  async newestChildOf({ id }: Pick<Revision, 'id'>): Promise<Revision | undefined> {
    const where = { parentId: id, status: Status.DONE };
    return (await this.tx.revision.findFirst({ where, orderBy: { number: 'desc' } })) ?? undefined;
  }

  /** The finished pictures of a strip, of the one that was shown last unless it is named, in its order. */
  async newestStrip(strip?: string): Promise<Revision[]> {
    const last = await this.tx.revision.findFirst({
      where: { sessionId: this.sessionId, stripId: strip ?? { not: null }, status: Status.DONE },
      orderBy: { number: 'desc' },
    });
    if (!last) return [];
    return await this.tx.revision.findMany({
      where: { stripId: last.stripId, status: Status.DONE },
      orderBy: { number: 'asc' },
    });
  }

  async unfinished(): Promise<Revision[]> {
    const where = { sessionId: this.sessionId, status: Status.PENDING };
    return await withWork(this.tx, await this.tx.revision.findMany({ where, orderBy: { number: 'asc' } }));
  }

  /** How the learning of its items goes. */
  async learning(): Promise<Task | undefined> {
    const where = { sessionId: this.sessionId, kind: TaskKind.learn };
    return (await this.tx.task.findFirst({ where, orderBy: { createdAt: 'desc' } })) ?? undefined;
  }

  /** How many revisions other sessions still wait for. */
  async unfinishedElsewhere(): Promise<number> {
    return await this.tx.revision.count({
      where: { sessionId: { not: this.sessionId }, status: Status.PENDING },
    });
  }

  async size(): Promise<number> {
    return await this.tx.revision.count({ where: { sessionId: this.sessionId, number: { gte: 0 } } });
  }

  /** @param item 0-based */
  async rename(revision: Revision, item: number, name: string): Promise<void> {
    const items = (revision.items as { name: string }[]).map((old, i) =>
      i === item ? { ...old, name } : old,
    );
    await this.tx.revision.update({ where: { id: revision.id }, data: { items: storable(items) } });
  }
}
