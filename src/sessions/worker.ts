import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Edit, keepsNumbers } from '../engine/edits/index.js';
import { type Engine, EngineFailure, type EngineProgress, type ShownScene } from '../engine/engine.js';
import { UserError } from '../engine/errors.js';
import { type Job, MAX_ATTEMPTS } from './queue.js';
import { itemsOf, type Revision, type Session, type Sessions, Status, type Tx } from './sessions.js';
import { queueReady } from './ready.js';
import { editOf } from './storedEdit.js';
import { UNFINISHED } from './tree.js';
import type { WorkEvents } from './wire.js';

export interface WorkerOptions {
  readonly sessions: Sessions;
  /** Engines by checkpoint; each does one thing at a time. */
  readonly engine: (checkpoint: string) => Engine;
  readonly logger?: { error(fields: object, text: string): void; info(fields: object, text: string): void };
  /** How often a job under way says that it lives, in ms. */
  readonly heartbeat?: number;
  /** After how much silence another worker takes a job over, in ms. */
  readonly stale?: number;
}

export interface WorkerEvents extends WorkEvents {
  finished: [{ kind: Job['kind']; outcome: 'done' | 'failed' | 'cancelled' | 'again'; seconds: number }];
}

const IDLE = 500;

/** Takes jobs from the queue and does them with an engine, one after the other. */
export class Worker extends EventEmitter<WorkerEvents> {
  readonly #options: WorkerOptions;
  #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #wake: () => void = () => {};

  constructor(options: WorkerOptions) {
    super();
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.takeOver();
    this.#loop = this.#run();
  }

  /** Looks at the queue now instead of after the next pause. */
  wake(): void {
    this.#wake();
  }

  /** Ends after the job under way is put back; it runs again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new EngineFailure('closed', 'dedit is stopping'));
    this.wake();
    await this.#loop;
  }

  /** Puts back what a process was doing that is gone, and queues what waits. */
  async takeOver(): Promise<void> {
    const { sessions, stale = 30_000 } = this.#options;
    const { prisma, exclusive } = sessions.database;
    const silent = exclusive
      ? {}
      : { OR: [{ heartbeatAt: null }, { heartbeatAt: { lt: new Date(sessions.now().getTime() - stale) } }] };
    await prisma.revision.updateMany({
      where: { status: Status.RUNNING, ...silent },
      data: { status: Status.PENDING },
    });
    await prisma.session.updateMany({
      where: { learning: Status.RUNNING, ...silent },
      data: { learning: Status.PENDING },
    });
    await this.#queueWaiting();
  }

  /** Queues what waits and, for whatever reason, is not in the queue. */
  async #queueWaiting(): Promise<void> {
    const { sessions } = this.#options;
    const waiting = await sessions.prisma.session.findMany({
      where: { OR: [{ learning: Status.PENDING }, { revisions: { some: { status: Status.PENDING } } }] },
      select: { id: true },
    });
    for (const { id } of waiting) await queueReady(sessions, id);
  }

  async #run(): Promise<void> {
    const { sessions, logger, stale = 30_000 } = this.#options;
    let swept = Date.now();
    while (!this.#stopping.signal.aborted) {
      try {
        const next = await sessions.queue.next();
        if (next) await this.#do(next.id, next.job);
        else await this.#pause();
        if (Date.now() - swept > stale) {
          swept = Date.now();
          await (sessions.database.exclusive ? this.#queueWaiting() : this.takeOver());
        }
      } catch (error) {
        logger?.error({ err: error }, 'the queue could not be reached; trying again');
        await sleep(1000);
      }
    }
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, IDLE);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #do(id: string, job: Job): Promise<void> {
    const { sessions, logger } = this.#options;
    const started = Date.now();
    let outcome: 'done' | 'failed' | 'cancelled' | 'again';
    try {
      outcome = await this.#attempt(job);
      await sessions.queue.complete(id);
    } catch (error) {
      outcome = error instanceof GivenUp ? 'failed' : 'again';
      logger?.error(
        { err: error, job },
        `the job ${outcome === 'failed' ? 'is given up' : 'will be tried again'}`,
      );
      await sessions.queue.fail(id, error as Error);
    }
    this.emit('finished', { kind: job.kind, outcome, seconds: (Date.now() - started) / 1000 });
    this.emit('told', job.session);
    if (outcome !== 'again') await queueReady(sessions, job.session); // pg-boss itself hands a failed job out again, later
  }

  /** @throws what is worth another attempt; the row waits again then, or is failed after the last */
  async #attempt(job: Job): Promise<'done' | 'failed' | 'cancelled'> {
    const claim = await this.#claim(job);
    if (!claim) return 'cancelled'; // another worker has it, or it was cancelled or forgotten
    const { session, revision } = claim;
    const lastAttempt = (revision?.attempts ?? session.learningAttempts) >= MAX_ATTEMPTS;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#stopping.signal]);
    const beat = setInterval(() => {
      void this.#stillMine(job).then(
        (mine) => mine || stop.abort(new UserError('cancelled')),
        () => {},
      );
    }, this.#options.heartbeat ?? 1000);
    const onProgress = (progress: EngineProgress): void => {
      this.emit('progress', {
        session: session.id,
        ...(revision ? { revision: revision.id } : {}),
        progress,
      });
    };
    try {
      const engine = this.#options.engine(session.checkpoint);
      if (job.kind === 'segment') await this.#segment(engine, session, revision!, { signal, onProgress });
      else if (job.kind === 'learn') await this.#learn(engine, session, { signal, onProgress });
      else await this.#edit(engine, session, revision!, { signal, onProgress });
      return 'done';
    } catch (error) {
      if (stop.signal.aborted) return 'cancelled';
      if (this.#stopping.signal.aborted) {
        await this.#putBack(job);
        return 'cancelled';
      }
      if (!(error instanceof UserError) && !lastAttempt) {
        await this.#putBack(job);
        throw error;
      }
      await this.#failed(job, session, revision, error as Error);
      if (error instanceof UserError) return 'failed';
      throw new GivenUp(error);
    } finally {
      clearInterval(beat);
    }
  }

  /** Whoever turns the row from waiting to running does the job: a job that is queued twice runs once. */
  async #claim(job: Job): Promise<{ session: Session; revision: Revision | undefined } | undefined> {
    const { prisma } = this.#options.sessions;
    const heartbeatAt = this.#options.sessions.now();
    const { count } =
      job.kind === 'learn'
        ? await prisma.session.updateMany({
            where: { id: job.session, learning: Status.PENDING },
            data: { learning: Status.RUNNING, heartbeatAt, learningAttempts: { increment: 1 } },
          })
        : await prisma.revision.updateMany({
            where: { id: job.revision!, status: Status.PENDING },
            data: { status: Status.RUNNING, heartbeatAt, attempts: { increment: 1 } },
          });
    if (count === 0) return undefined;
    const session = await prisma.session.findUniqueOrThrow({ where: { id: job.session } });
    const revision = job.revision
      ? await prisma.revision.findUniqueOrThrow({ where: { id: job.revision } })
      : undefined;
    return { session, revision };
  }

  async #stillMine(job: Job): Promise<boolean> {
    const { prisma } = this.#options.sessions;
    const heartbeatAt = this.#options.sessions.now();
    const { count } =
      job.kind === 'learn'
        ? await prisma.session.updateMany({
            where: { id: job.session, learning: Status.RUNNING },
            data: { heartbeatAt },
          })
        : await prisma.revision.updateMany({
            where: { id: job.revision!, status: Status.RUNNING },
            data: { heartbeatAt },
          });
    return count > 0;
  }

  async #putBack(job: Job): Promise<void> {
    const { prisma } = this.#options.sessions;
    if (job.kind === 'learn')
      await prisma.session.updateMany({
        where: { id: job.session, learning: Status.RUNNING },
        data: { learning: Status.PENDING },
      });
    else
      await prisma.revision.updateMany({
        where: { id: job.revision!, status: Status.RUNNING },
        data: { status: Status.PENDING },
      });
  }

  async #failed(job: Job, session: Session, revision: Revision | undefined, error: Error): Promise<void> {
    const { sessions } = this.#options;
    const why =
      error instanceof UserError || error instanceof EngineFailure
        ? error.message
        : 'something went wrong here; whoever runs this bot finds it in the log';
    await sessions.prisma.$transaction(async (tx) => {
      if (job.kind === 'learn') {
        const { count } = await tx.session.updateMany({
          where: { id: session.id, learning: Status.RUNNING },
          data: { learning: Status.FAILED, learningError: why },
        });
        if (count === 0) return;
      } else {
        const current = await tx.revision.findUnique({ where: { id: revision!.id } });
        if (current?.status !== Status.RUNNING) return;
        await sessions.give(tx, current, Status.FAILED, why);
      }
      const say = revision?.say ?? '';
      await sessions.tell(
        tx,
        session,
        { kind: 'failed', what: job.kind, say, why },
        revision?.parentId ?? undefined,
      );
      if (revision?.stripId) await this.#tellStrip(tx, session, revision);
    });
  }

  async #segment(engine: Engine, session: Session, revision: Revision, call: Call): Promise<void> {
    const { sessions } = this.#options;
    const shown = await engine.segment(await sessions.blobs.get(revision.sourceKey!), undefined, call);
    await this.#done(session, revision, shown, async (tx) => {
      await sessions.tell(tx, session, { kind: 'cut' }, revision.id);
    });
  }

  async #learn(engine: Engine, session: Session, call: Call): Promise<void> {
    const { sessions } = this.#options;
    const { prisma, blobs } = sessions;
    const root = await prisma.revision.findFirstOrThrow({ where: { sessionId: session.id, number: 0 } });
    const scene = await this.#scene(root);
    const { items, learned } = await engine.associate(scene, { seed: 42 }, call);
    const learnedKey = await blobs.put(session.id, 'learned.safetensors', learned);
    await prisma.$transaction(async (tx) => {
      const { count } = await tx.session.updateMany({
        where: { id: session.id, learning: Status.RUNNING },
        data: { learning: Status.DONE, learnedKey, heartbeatAt: null },
      });
      if (count === 0) return;
      // a name a person gave meanwhile stays
      const { items: named } = await tx.revision.findUniqueOrThrow({ where: { id: root.id } });
      const names = (named as unknown as { name: string }[]).map(({ name }) => name);
      const kept = items.map((item, i) => ({ ...item, name: names[i] ?? item.name }));
      await tx.revision.update({ where: { id: root.id }, data: { items: kept as never } });
    });
  }

  async #edit(engine: Engine, session: Session, revision: Revision, call: Call): Promise<void> {
    const { sessions } = this.#options;
    const { prisma, blobs } = sessions;
    const parent = await prisma.revision.findUniqueOrThrow({ where: { id: revision.parentId! } });
    const learned = session.learnedKey ? await blobs.get(session.learnedKey) : undefined;
    const scene = { ...(await this.#scene(parent)), learned };
    const shown = await engine.edit(
      scene,
      await editOf(sessions.blobs, revision),
      revision.options as never,
      call,
    );
    await this.#done(session, revision, shown, async (tx) => {
      if (revision.stripId) return await this.#tellStrip(tx, session, revision);
      await sessions.tell(tx, session, { kind: 'result' }, revision.id);
      const follows = await tx.revision.count({ where: { parentId: revision.id, status: Status.PENDING } });
      if (follows === 0 && !keepsNumbers(revision.edit as unknown as Edit))
        await sessions.tell(tx, session, { kind: 'numbers' }, revision.id);
    });
  }

  /** Several pictures are shown side by side when the last of them is done or given up. */
  async #tellStrip(tx: Tx, session: Session, { stripId, parentId }: Revision): Promise<void> {
    const all = await tx.revision.findMany({ where: { stripId }, select: { status: true } });
    if (all.some(({ status }) => UNFINISHED.includes(status as never))) return;
    if (all.every(({ status }) => status !== Status.DONE)) return;
    await this.#options.sessions.tell(tx, session, { kind: 'strip', strip: stripId! }, parentId!);
  }

  async #scene(revision: Revision) {
    const { blobs } = this.#options.sessions;
    const [picture, labels] = await Promise.all([
      blobs.get(revision.pictureKey!),
      blobs.get(revision.labelsKey!),
    ]);
    return { picture, labels, items: itemsOf(revision) };
  }

  /** Stores the picture, then says in one transaction that it is there and that people are to be told. */
  async #done(
    session: Session,
    revision: Revision,
    shown: ShownScene,
    tell: (tx: Tx) => Promise<void>,
  ): Promise<void> {
    const { sessions } = this.#options;
    const { blobs, prisma } = sessions;
    const { width, height, picture, labels, overlay } = shown;
    const files = { 'picture.png': picture, 'labels.png': labels, 'overlay.png': overlay };
    const keys = await blobs.putAll(session.id, files);
    await prisma.$transaction(
      async (tx) => {
        const { count } = await tx.revision.updateMany({
          where: { id: revision.id, status: Status.RUNNING },
          data: {
            status: Status.DONE,
            doneAt: sessions.now(),
            heartbeatAt: null,
            items: shown.items as never,
            ...{ width, height },
            pictureKey: keys['picture.png'],
            labelsKey: keys['labels.png'],
            overlayKey: keys['overlay.png'],
          },
        });
        if (count > 0) await tell(tx);
      },
      { maxWait: 20_000, timeout: 20_000 },
    );
  }
}

/** The last attempt failed too. */
class GivenUp extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

type Call = { signal: AbortSignal; onProgress: (progress: EngineProgress) => void };
