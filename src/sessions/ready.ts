import { type Revision, type Session, Status } from './prisma/client.js';
import type { Sessions } from './sessions.js';
import { UNFINISHED } from './tree.js';

/**
 * Hands what can be done now of a session to the queue: cutting first, learning when the picture is cut, an edit when
 * the items are learned and the picture before it is done. Called after each transaction that may have made something
 * ready; what is queued already is not queued again.
 */
export async function queueReady(sessions: Sessions, sessionId: string): Promise<void> {
  const { prisma, queue } = sessions;
  const session = await prisma.session.findUnique({ where: { id: sessionId } });
  if (!session) return;
  const root = await prisma.revision.findFirst({ where: { sessionId, number: 0 } });
  if (root?.status === Status.PENDING) return await send(sessions, 'segment', session, root);
  if (root?.status !== Status.DONE) return;
  if (session.learning === Status.PENDING)
    await queue.send({ kind: 'learn', session: session.id }, await ahead(sessions, session));
  if (UNFINISHED.includes(session.learning as never)) return;
  const edits = await prisma.revision.findMany({
    where: { sessionId, status: Status.PENDING, parent: { status: Status.DONE } },
    orderBy: { number: 'asc' },
  });
  for (const edit of edits) await send(sessions, 'edit', session, edit);
}

async function send(
  sessions: Sessions,
  kind: 'segment' | 'edit',
  session: Session,
  revision: Revision,
): Promise<void> {
  const job = { kind, session: session.id, revision: revision.id };
  await sessions.queue.send(job, await ahead(sessions, session, revision));
}

/** How many unfinished revisions the same person asked for earlier. */
async function ahead(
  { prisma }: Sessions,
  { platform, owner }: Session,
  revision?: Revision,
): Promise<number> {
  return await prisma.revision.count({
    where: {
      user: revision?.user ?? owner,
      session: { platform },
      status: { in: [...UNFINISHED] },
      ...(revision ? { createdAt: { lt: revision.createdAt } } : {}),
    },
  });
}
