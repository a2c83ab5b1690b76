import { isDeepStrictEqual } from 'node:util';
import { type Revision, type Sessions, Status, type Tx } from '../sessions.js';
import { TaskKind } from '../tasks.js';

/** The pictures of a strip that differ by their seeds alone are drawn by whoever begins one of them, in one batch. */

/** For so long others leave them alone, in ms; who draws them may be gone by then. */
const RESERVED = 10 * 60_000;

const waiting = (revisions: readonly Revision[]) => ({
  revisionId: { in: revisions.map(({ id }) => id) },
  kind: TaskKind.edit,
  status: Status.PENDING,
});

/** The others of this picture's strip that still wait. */
export async function reserveVariants(
  { prisma, now }: Sessions,
  revision: Revision,
): Promise<readonly Revision[]> {
  const { stripId, id } = revision;
  if (stripId === null) return [];
  const all = await prisma.revision.findMany({
    where: {
      ...{ stripId, id: { not: id }, status: Status.PENDING },
      tasks: { some: { kind: TaskKind.edit, status: Status.PENDING } },
    },
    orderBy: { number: 'asc' },
  });
  const asked = ({ edit, options }: Revision) => ({ edit, options: { ...(options as object), seed: 0 } });
  const others = all.filter((other) => isDeepStrictEqual(asked(other), asked(revision)));
  if (others.length > 0)
    await prisma.task.updateMany({
      where: waiting(others),
      data: { notBefore: new Date(now().getTime() + RESERVED) },
    });
  return others;
}

/** They are drawn one by one after all. */
export async function releaseVariants({ prisma }: Sessions, others: readonly Revision[]): Promise<void> {
  if (others.length > 0) await prisma.task.updateMany({ where: waiting(others), data: { notBefore: null } });
}

/** Ends the task of a picture that was drawn with another one. @returns false when it was cancelled or is somebody's by now */
export async function endVariant({ now }: Sessions, tx: Tx, revision: Revision): Promise<boolean> {
  const { count } = await tx.task.updateMany({
    where: waiting([revision]),
    data: { status: Status.DONE, doneAt: now(), notBefore: null },
  });
  return count > 0;
}
