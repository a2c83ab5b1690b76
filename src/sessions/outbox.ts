import type { Post, Session, Sessions } from './sessions.js';

export type OutgoingPost = Post & { session: Session };

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 5 * 60_000;
/** After two days of failing nobody waits for it any more. */
const GIVE_UP = 48 * 3600_000;

/** What is still to be told. A post is stored with the edit it tells of and sent on its own, again and again. */
export class Outbox {
  constructor(private readonly sessions: Sessions) {}

  /** The next post of every thread of these platforms: a thread's posts are sent in their order. */
  async due(platforms: readonly string[]): Promise<OutgoingPost[]> {
    const now = this.sessions.now();
    const waiting = await this.sessions.prisma.post.findMany({
      where: { message: null, refused: null, session: { platform: { in: [...platforms] } } },
      orderBy: { order: 'asc' },
      include: { session: true },
      take: 500,
    });
    const seen = new Set<string>();
    return waiting.filter((post) => {
      if (seen.has(post.sessionId)) return false;
      seen.add(post.sessionId);
      return post.notBefore <= now;
    });
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
    const now = this.sessions.now().getTime();
    if (now - post.createdAt.getTime() > GIVE_UP) return await this.refused(post, why);
    const wait = Math.min(FIRST_WAIT * 2 ** post.attempts, LONGEST_WAIT);
    await this.sessions.prisma.post.updateMany({
      where: { id: post.id },
      data: { attempts: { increment: 1 }, notBefore: new Date(now + wait) },
    });
  }
}
