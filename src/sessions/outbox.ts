import type { Post, Session, Sessions } from './sessions.js';

export type OutgoingPost = Post & { session: Session };

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 5 * 60_000;
/** After two days of failing nobody waits for it any more: so many attempts, since hosts' clocks differ. */
const MOST_ATTEMPTS = (48 * 3600_000) / LONGEST_WAIT;
/** Threads of one platform that are sent to at once. */
const AT_ONCE = 200;

/** What is still to be told. A post is stored with the edit it tells of and sent on its own, again and again. */
export class Outbox {
  constructor(private readonly sessions: Sessions) {}

  /**
   * The next post of every thread of these platforms that is due: a thread's posts are sent in their order, and what
   * waits elsewhere takes nobody's place. Platforms take turns, then threads, those that have waited longest first.
   * What was never tried is due, and waits go by the database's clock: who stored a post may be days ahead of who sends it.
   */
  async due(platforms: readonly string[]): Promise<OutgoingPost[]> {
    const { prisma } = this.sessions;
    const next = await prisma.$queryRaw<{ id: string }[]>`
      WITH first AS (
        SELECT DISTINCT ON (p."sessionId") p."id", p."order", p."attempts", p."notBefore", s."platform"
        FROM "Post" p JOIN "Session" s ON s."id" = p."sessionId"
        WHERE p."message" IS NULL AND p."refused" IS NULL AND s."platform" = ANY(${[...platforms]})
        ORDER BY p."sessionId", p."order"
      ), turns AS (
        SELECT "id", "order", row_number() OVER (PARTITION BY "platform" ORDER BY "order") AS turn
        FROM first WHERE "attempts" = 0 OR "notBefore" <= timezone('UTC', clock_timestamp())
      )
      SELECT "id" FROM turns WHERE turn <= ${AT_ONCE} ORDER BY turn, "order"`;
    const ids = next.map(({ id }) => id);
    const posts = await prisma.post.findMany({ where: { id: { in: ids } }, include: { session: true } });
    return posts.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  }

  /** Whether a post that was due when it was looked up has not been sent since. */
  async stillDue(post: Post): Promise<boolean> {
    const count = await this.sessions.prisma.post.count({
      where: { id: post.id, message: null, refused: null },
    });
    return count > 0;
  }

  async posted(post: Post, message: string): Promise<void> {
    await this.sessions.prisma.post.updateMany({ where: { id: post.id }, data: { message } });
  }

  async refused(post: Post, why: string): Promise<void> {
    await this.sessions.prisma.post.updateMany({ where: { id: post.id }, data: { refused: why } });
  }

  /** Tries again after a wait that doubles. */
  async failed(post: Post, why: string): Promise<void> {
    if (post.attempts >= MOST_ATTEMPTS) return await this.refused(post, why);
    const wait = Math.min(FIRST_WAIT * 2 ** post.attempts, LONGEST_WAIT);
    await this.sessions.prisma.$executeRaw`
      UPDATE "Post" SET "attempts" = "attempts" + 1,
        "notBefore" = timezone('UTC', clock_timestamp()) + ${wait} * interval '1 millisecond'
      WHERE "id" = ${post.id}`;
  }
}
