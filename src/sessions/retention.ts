import type { Sessions } from './sessions.js';

const DAY = 24 * 3600_000;
/** Platforms tell an event again within hours; after a week nobody does. */
const EVENTS = 7 * DAY;

/**
 * Deletes what nobody has used for `idleDays` (0: keeps everything), and old event ids.
 * @returns how many sessions were deleted
 */
export async function expire(sessions: Sessions, idleDays: number): Promise<number> {
  const now = sessions.now().getTime();
  await sessions.prisma.event.deleteMany({ where: { createdAt: { lt: new Date(now - EVENTS) } } });
  if (idleDays === 0) return 0;
  const idle = await sessions.prisma.session.findMany({
    where: { usedAt: { lt: new Date(now - idleDays * DAY) } },
    select: { id: true },
  });
  for (const session of idle) await sessions.forget(session);
  return idle.length;
}
