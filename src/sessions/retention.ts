import type { Session, Tx } from './rows.js';
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
  const usedAt = { lt: new Date(now - idleDays * DAY) };
  const idle = await sessions.prisma.session.findMany({ where: { usedAt }, select: { id: true } });
  let expired = 0;
  for (const { id } of idle) {
    // somebody may use it while others are deleted
    const { count } = await sessions.prisma.session.deleteMany({ where: { id, usedAt } });
    if (count === 0) continue;
    await sessions.blobs.forget(id);
    expired++;
  }
  return expired;
}

/**
 * Deletes blobs that no row names: forgetting deletes the rows first, work stores its pictures first, and a process may be
 * killed in between. What belongs to sessions that nobody used for a day was looked through by then.
 * @returns of how many sessions something was deleted
 */
export async function sweepBlobs({ prisma, blobs, now }: Sessions): Promise<number> {
  const before = new Date(now().getTime() - NAMELESS);
  let swept = 0;
  for await (const ids of blobs.sessions()) {
    const where = { id: { in: ids } };
    const known = await prisma.session.findMany({ where, select: { id: true, usedAt: true } });
    for (const id of ids) {
      const session = known.find((found) => found.id === id);
      if (session && now().getTime() - session.usedAt.getTime() > DAY) continue;
      const keys = await blobs.keysOf(id);
      // asked for after the list: what was stored meanwhile is not in it
      const named = session ? await namedIn(prisma, id) : new Set();
      const nameless = keys.filter((key) => !named.has(key));
      const old = await Promise.all(nameless.map(async (key) => (await blobs.writtenAt(key)) < before));
      if (!session && old.every(Boolean)) await blobs.forget(id);
      else if (session) await Promise.all(nameless.filter((_, i) => old[i]).map((key) => blobs.delete(key)));
      if (session ? old.some(Boolean) : old.every(Boolean)) swept++;
    }
  }
  return swept;
}

/** Every blob that a row of the session names, in whichever column or JSON. */
async function namedIn(prisma: Sessions['prisma'], id: string): Promise<Set<string>> {
  const rows = await prisma.$queryRaw<{ key: string }[]>`
    SELECT (regexp_matches(row::text, 'sessions/[^"\\\\]+', 'g'))[1] AS key FROM (
      SELECT to_jsonb(s) AS row FROM "Session" s WHERE s."id" = ${id}
      UNION ALL SELECT to_jsonb(r) FROM "Revision" r WHERE r."sessionId" = ${id}
      UNION ALL SELECT to_jsonb(p) FROM "Post" p WHERE p."sessionId" = ${id}) AS rows`;
  return new Set(rows.map(({ key }) => key));
}

/**
 * Writes the database's pages anew without what was deleted from them, and of the embedded one the log, too: until then
 * deleted words can be read in its files. Takes as much room again as the database has, and a moment in which nothing else
 * is written. A server's log is its owner's.
 */
export async function rewrite({ prisma, database }: Sessions): Promise<void> {
  for (const { name } of await prisma.$queryRaw<{ name: string }[]>`
    SELECT quote_ident(relname) AS name FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
    await prisma.$executeRawUnsafe(`VACUUM FULL ${name}`);
  await prisma.$executeRawUnsafe('CHECKPOINT');
  if (!database.exclusive) return;
  // files of the log are used again under new names, with what they held behind what is written: each is finished and removed
  await prisma.$executeRawUnsafe('SET wal_recycle = off');
  try {
    const [log] = await prisma.$queryRaw<
      [{ files: number }]
    >`SELECT count(*)::int AS files FROM pg_ls_waldir()`;
    for (let i = 0; i < log.files; i++) {
      await prisma.$queryRaw`SELECT 1 FROM pg_logical_emit_message(false, '', '')`;
      await prisma.$queryRaw`SELECT pg_switch_wal()::text`;
    }
    await prisma.$executeRawUnsafe('CHECKPOINT');
  } finally {
    await prisma.$executeRawUnsafe('RESET wal_recycle');
  }
}

interface Person {
  readonly platform: string;
  readonly user: string;
}

/** The sessions a person began. */
export async function sessionsOf(tx: Tx, { platform, user }: Person): Promise<{ id: string }[]> {
  return await tx.session.findMany({ where: { platform, owner: user }, select: { id: true } });
}

/** Deletes the rows of everything a person began, and what was counted of them. */
export async function dropPerson(tx: Tx, { platform, user }: Person): Promise<void> {
  await tx.session.deleteMany({ where: { platform, owner: user } });
  await tx.usage.deleteMany({ where: { platform, user } });
}

/** Deletes the rows of a session. Its blobs are to be forgotten after the transaction: rows come back, files do not. */
export async function dropSession(tx: Tx, { id }: Pick<Session, 'id'>): Promise<void> {
  await tx.session.deleteMany({ where: { id } });
}

/** Deletes the session with everything that belongs to it. */
export async function forgetSession(
  { prisma, blobs }: Sessions,
  session: Pick<Session, 'id'>,
): Promise<void> {
  await dropSession(prisma, session);
  await blobs.forget(session.id);
}
