import { type Revision, type Session, type Sessions, Status, type Tx } from '../sessions.js';

/** Several pictures are shown side by side when the last of them is done or given up. The session is locked. */
export async function tellStrip(
  sessions: Sessions,
  tx: Tx,
  session: Session,
  { stripId, parentId }: Revision,
): Promise<void> {
  const all = await tx.revision.findMany({ where: { stripId }, select: { status: true } });
  if (all.some(({ status }) => status === Status.PENDING)) return;
  if (all.every(({ status }) => status !== Status.DONE)) return;
  await sessions.tell(tx, session, { kind: 'strip', strip: stripId! }, parentId!);
}
