import type { Post, Revision, Session } from './prisma/client.js';
import { Status } from './prisma/client.js';
import type { Database } from './database.js';
import { awaitsWord, owedAt } from './learning.js';
import { referencesOf } from './references.js';
import { Tree, withWork } from './tree.js';

/** What adapters and supervisors may ask outside any transaction; nothing here changes a row. */
export class Views {
  constructor(private readonly database: Database) {}

  get #prisma() {
    return this.database.prisma;
  }

  async count(): Promise<number> {
    return await this.#prisma.session.count();
  }

  async session(id: string): Promise<Session | undefined> {
    return (await this.#prisma.session.findUnique({ where: { id } })) ?? undefined;
  }

  async inThread(platform: string, thread: string): Promise<Session | undefined> {
    const where = { platform_thread: { platform, thread } };
    return (await this.#prisma.session.findUnique({ where })) ?? undefined;
  }

  /** The threads a person began, the last used first. */
  async threadsOf(platform: string, owner: string, most: number): Promise<Session[]> {
    return await this.#prisma.session.findMany({
      where: { platform, owner },
      orderBy: { usedAt: 'desc' },
      take: most,
    });
  }

  /** The pictures of its tree. */
  async revisions(sessionId: string): Promise<Revision[]> {
    const where = { sessionId, number: { gte: 0 } };
    const rows = await this.#prisma.revision.findMany({ where, orderBy: { number: 'asc' } });
    return await withWork(this.#prisma, rows);
  }

  /** The pictures whose items may be used. */
  async references(session: Pick<Session, 'id'>): Promise<Revision[]> {
    return await referencesOf(this.#prisma, session);
  }

  /** How the learning of a session's items goes; undefined while nobody has asked for it. */
  async learning(sessionId: string): Promise<Status | undefined> {
    const task = await new Tree(this.#prisma, sessionId).learning();
    return task && !awaitsWord(task, new Date()) ? task.status : undefined;
  }

  /** @throws when there is none */
  async revision(id: string): Promise<Revision> {
    return await this.#prisma.revision.findUniqueOrThrow({ where: { id } });
  }

  /** The finished pictures of a strip, in its order. */
  async strip(stripId: string): Promise<Revision[]> {
    const where = { stripId, status: Status.DONE };
    return await this.#prisma.revision.findMany({ where, orderBy: { number: 'asc' } });
  }

  /** A finished picture of this session. */
  async picture(sessionId: string, id: string): Promise<Revision | undefined> {
    const where = { id, sessionId, status: Status.DONE };
    return (await this.#prisma.revision.findFirst({ where })) ?? undefined;
  }

  /** What was told in the thread, in order. */
  async told(sessionId: string): Promise<Post[]> {
    const where = { sessionId, message: { not: null } };
    return await this.#prisma.post.findMany({ where, orderBy: { order: 'asc' } });
  }

  async post(id: string): Promise<Post | undefined> {
    return (await this.#prisma.post.findUnique({ where: { id } })) ?? undefined;
  }

  /** How many replies of all threads have not been sent yet. */
  async untold(): Promise<number> {
    return await this.#prisma.post.count({ where: { message: null, refused: null } });
  }

  /** Whether everything said in the thread is done and told; a thread that is not there is settled. */
  async isSettled(platform: string, thread: string): Promise<boolean> {
    const session = await this.inThread(platform, thread);
    if (!session) return true;
    const unfinished = { in: [Status.PENDING, Status.RUNNING] };
    const tasks = await this.#prisma.task.count({
      where: { sessionId: session.id, status: unfinished, ...owedAt(new Date()) },
    });
    if (tasks > 0) return false;
    // looked at after the tasks: one that ended in between has left its post
    const unsent = { sessionId: session.id, message: null, refused: null };
    return (await this.#prisma.post.count({ where: unsent })) === 0;
  }
}
