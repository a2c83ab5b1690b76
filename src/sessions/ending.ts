import { owedAt } from './learning.js';
import { type Revision, type Session, Status, type Tx } from './rows.js';
import type { Sessions } from './sessions.js';
import { TaskKind } from './tasks.js';

/** What waits or runs comes to an end before it is done. */

/**
 * Ends everything of the session that waits or runs, but not the cutting of its picture.
 * @returns how many things were ended
 */
export async function cancel(sessions: Sessions, tx: Tx, session: Pick<Session, 'id'>): Promise<number> {
  const waiting = await tx.revision.findMany({
    where: { sessionId: session.id, status: Status.PENDING, number: { gt: 0 } },
    orderBy: { number: 'desc' },
  });
  for (const revision of waiting) await giveUp(sessions, tx, revision, Status.CANCELLED, 'cancelled');
  const others = await sessions.tasks.cancel(tx, {
    ...{ sessionId: session.id, kind: { not: TaskKind.segment } },
    ...owedAt(sessions.now()),
  });
  return waiting.length + others;
}

/** Gives a revision up with the work for it: what followed it follows its parent from now on. */
export async function giveUp(
  sessions: Sessions,
  tx: Tx,
  revision: Revision,
  status: 'FAILED' | 'CANCELLED',
  error: string,
): Promise<void> {
  await tx.revision.update({ where: { id: revision.id }, data: { status, error, doneAt: sessions.now() } });
  const learns = { revisionId: revision.id, kind: TaskKind.learn, status: Status.PENDING };
  if (revision.parentId) await tx.task.updateMany({ where: learns, data: { revisionId: revision.parentId } });
  await sessions.tasks.cancel(tx, { revisionId: revision.id });
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
export async function retire(sessions: Sessions, tx: Tx, session: Session): Promise<void> {
  await cancel(sessions, tx, session);
  await sessions.tasks.cancel(tx, { sessionId: session.id });
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

/** Nobody works on the picture: the person has had their share today. */
export async function cancelUpload({ tasks }: Sessions, tx: Tx, { id }: Pick<Session, 'id'>): Promise<void> {
  await tx.revision.updateMany({ where: { sessionId: id }, data: { status: Status.CANCELLED } });
  await tasks.cancel(tx, { sessionId: id });
}
