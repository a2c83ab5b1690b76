import type { Sessions } from './sessions.js';

const DAY = 24 * 3600_000;
/** Platforms tell an event again within hours; after a week nobody does. */
const EVENTS = 7 * DAY;

/** Usage is counted a day; a few more in case somebody asks. */
const USAGE = 7 * DAY;
/** A picture lies among the blobs a moment before the row that names it is written. */
const NAMELESS = 3600_000;

/**
 * Deletes what nobody has used for `idleDays` (0: keeps everything), and old event ids and counts.
 * @returns how many sessions were deleted
 */
export async function expire(sessions: Sessions, idleDays: number): Promise<number> {
  const now = sessions.now().getTime();
  await sessions.prisma.event.deleteMany({ where: { createdAt: { lt: new Date(now - EVENTS) } } });
  const day = new Date(now - USAGE).toISOString().slice(0, 10);
  await sessions.prisma.usage.deleteMany({ where: { day: { lt: day } } });
  if (idleDays === 0) return 0;
  const idle = await sessions.prisma.session.findMany({
    where: { usedAt: { lt: new Date(now - idleDays * DAY) } },
    select: { id: true },
  });
  for (const session of idle) await sessions.forget(session);
  return idle.length;
}

/**
 * Deletes blobs whose session is gone: forgetting deletes the rows first, and a process may be killed between the two.
 * @returns how many sessions' blobs were deleted
 */
export async function sweepBlobs({ prisma, blobs, now }: Sessions): Promise<number> {
  let swept = 0;
  for await (const ids of blobs.sessions()) {
    const known = await prisma.session.findMany({ where: { id: { in: ids } }, select: { id: true } });
    for (const id of ids) {
      if (known.some((session) => session.id === id)) continue;
      const newest = await blobs.newest(id);
      if (newest && now().getTime() - newest.getTime() < NAMELESS) continue;
      await blobs.forget(id);
      swept++;
    }
  }
  return swept;
}
