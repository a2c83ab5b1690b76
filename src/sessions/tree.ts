import type { Prisma, Revision } from './prisma/client.js';
import { Status } from './prisma/client.js';

/** Revisions that an engine still owes. */
export const UNFINISHED = [Status.PENDING, Status.RUNNING] as const;

/** The pictures of one session as one transaction sees them: a tree that grows from number 0, what the person sent. */
export class Tree {
  constructor(
    private readonly tx: Prisma.TransactionClient,
    private readonly sessionId: string,
  ) {}

  /** In the order in which they were asked for. */
  async all(): Promise<Revision[]> {
    return await this.tx.revision.findMany({
      where: { sessionId: this.sessionId },
      orderBy: { number: 'asc' },
    });
  }

  async root(): Promise<Revision | undefined> {
    return (
      (await this.tx.revision.findFirst({ where: { sessionId: this.sessionId, number: 0 } })) ?? undefined
    );
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

  /** The finished pictures of the strip that was shown last, in its order. */
  async newestStrip(): Promise<Revision[]> {
    const last = await this.tx.revision.findFirst({
      where: { sessionId: this.sessionId, stripId: { not: null }, status: Status.DONE },
      orderBy: { number: 'desc' },
    });
    if (!last) return [];
    return await this.tx.revision.findMany({
      where: { stripId: last.stripId, status: Status.DONE },
      orderBy: { number: 'asc' },
    });
  }

  async unfinished(): Promise<Revision[]> {
    return await this.tx.revision.findMany({
      where: { sessionId: this.sessionId, status: { in: [...UNFINISHED] } },
      orderBy: { number: 'asc' },
    });
  }

  /** How many revisions other sessions still wait for. */
  async unfinishedElsewhere(): Promise<number> {
    return await this.tx.revision.count({
      where: { sessionId: { not: this.sessionId }, status: { in: [...UNFINISHED] } },
    });
  }

  async size(): Promise<number> {
    return await this.tx.revision.count({ where: { sessionId: this.sessionId } });
  }

  /** @param item 0-based */
  async rename(revision: Revision, item: number, name: string): Promise<void> {
    const items = (revision.items as { name: string }[]).map((old, i) =>
      i === item ? { ...old, name } : old,
    );
    await this.tx.revision.update({ where: { id: revision.id }, data: { items } });
  }
}
