import PgBoss from 'pg-boss';
import type { Database } from './database.js';

/** Work for an engine; the rows of sessions and revisions hold its state, the queue only says what is next. */
export interface Job {
  readonly kind: 'segment' | 'learn' | 'edit';
  readonly session: string;
  /** For segment and edit. */
  readonly revision?: string;
}

/** Cutting shows people something first; edits come before learning (which several edits may wait for anyway). */
const BASE = { segment: 3000, edit: 2000, learn: 1000 } as const;
/** A person's further jobs step back by one each, so that everybody's first comes before anybody's tenth. */
const MAX_STEPS_BACK = 900;
const QUEUE = 'jobs';
const DEAD = 'dead-jobs';
export const MAX_ATTEMPTS = 3;

/** pg-boss as one queue with priorities. */
export class Queue {
  private constructor(private readonly boss: PgBoss) {}

  static async open(database: Database, onError: (error: Error) => void): Promise<Queue> {
    const boss = new PgBoss({ ...database.boss, supervise: true, schedule: false });
    boss.on('error', onError);
    await boss.start();
    await boss.createQueue(DEAD);
    await boss.createQueue(QUEUE, {
      name: QUEUE,
      // of jobs with one key at most one waits: whoever is not sure that a job is queued may queue it
      policy: 'short',
      retryLimit: MAX_ATTEMPTS - 1,
      retryDelay: 1,
      expireInSeconds: 3600,
      deadLetter: DEAD,
    });
    return new Queue(boss);
  }

  /** @param ahead how many unfinished jobs the same person has before this one */
  async send(job: Job, ahead: number): Promise<void> {
    await this.boss.send(QUEUE, job, {
      priority: BASE[job.kind] - Math.min(ahead, MAX_STEPS_BACK),
      singletonKey: `${job.kind}-${job.revision ?? job.session}`,
    });
  }

  async next(): Promise<{ id: string; job: Job } | undefined> {
    const [found] = await this.boss.fetch<Job>(QUEUE);
    return found && { id: found.id, job: found.data };
  }

  complete(id: string): Promise<void> {
    return this.boss.complete(QUEUE, id);
  }

  /** Tries again, or puts it among the dead letters after the last attempt. */
  fail(id: string, error: Error): Promise<void> {
    return this.boss.fail(QUEUE, id, { message: error.message });
  }

  /** Jobs waiting, and jobs given up. */
  async depth(): Promise<{ waiting: number; dead: number }> {
    const [waiting, dead] = await Promise.all([this.boss.getQueueSize(QUEUE), this.boss.getQueueSize(DEAD)]);
    return { waiting, dead };
  }

  async close(): Promise<void> {
    await this.boss.stop({ graceful: false, wait: false });
  }
}
