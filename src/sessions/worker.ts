import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Engine, EngineFailure, type EngineProgress } from '../engine/engine.js';
import { UserError } from '../engine/errors.js';
import { giveUp } from './ending.js';
import { type Sessions, Status } from './sessions.js';
import { type Claim, Lane, MAX_ATTEMPTS, type TaskKind } from './tasks.js';
import { giveBack } from './usage.js';
import type { WorkEvents } from './wire.js';
import { edit } from './work/edit.js';
import { learn } from './work/learn.js';
import { refine } from './work/refine.js';
import { segment } from './work/segment.js';
import { tellStrip } from './work/strip.js';
import type { Work } from './work/work.js';

export interface WorkerOptions {
  readonly sessions: Sessions;
  /** The engine for a session's checkpoint in a lane; lanes are done side by side. */
  readonly engine: (checkpoint: string, lane: Lane) => Engine;
  readonly logger?: { error(fields: object, text: string): void; info(fields: object, text: string): void };
  /** Waited for before each task: people's words are stored first. */
  readonly before?: () => Promise<void>;
  /** How often a task under way says that it lives, in ms. */
  readonly heartbeat?: number;
  /** After how much silence another worker takes a task over, in ms. */
  readonly stale?: number;
}

type Outcome = 'done' | 'failed' | 'cancelled' | 'again';
export interface WorkerEvents extends WorkEvents {
  finished: [{ kind: TaskKind; outcome: Outcome; seconds: number }];
}

const IDLE = 500;
const STALE = 30_000;
const LONG = { maxWait: 20_000, timeout: 20_000 };
/** What this dedit can do. A kind that is not here is left to workers of another version. */
const WORK: Partial<Record<TaskKind, Work>> = { segment, learn, edit, refine };
const KINDS = Object.keys(WORK) as TaskKind[];
const LANES = Object.values(Lane);
/** Kinds without which their revision has no picture. */
const MAKES_THE_PICTURE: ReadonlySet<TaskKind> = new Set(['segment', 'edit']);

/** A job that outgrew its memory may have met what others left there: in a process of its own it has one more chance. */
const attemptsFor = (error: unknown): number =>
  error instanceof EngineFailure && error.code === 'memory' ? 2 : MAX_ATTEMPTS;

/** Claims tasks and does them with engines: in each lane one after the other. */
export class Worker extends EventEmitter<WorkerEvents> {
  readonly #options: WorkerOptions;
  #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  /** Ends the pause, while there is one. */
  #goOn: (() => void) | undefined;
  /** Something may have come since the queue was last asked. */
  #news = false;
  /** What each lane is doing; the others are idle. */
  readonly #doing = new Map<Lane, Promise<void>>();
  /** Ids of the tasks under way here. */
  readonly #mine = new Set<string>();
  #swept = performance.now();
  /** The database went away: what it has as under way may be nobody's. */
  #lost = false;

  constructor(options: WorkerOptions) {
    super();
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.takeOver();
    this.#loop = this.#run();
  }

  /** Looks for tasks now instead of after the next pause. */
  wake(): void {
    this.#news = true;
    this.#goOn?.();
  }

  /** Ends after the tasks under way are put back; they run again at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort(new EngineFailure('closed', 'dedit is stopping'));
    this.wake();
    await this.#loop;
    await Promise.all(this.#doing.values());
  }

  /** Lets wait again what a process was doing that is gone; what took its process with it too often is given up. */
  async takeOver(): Promise<void> {
    const { sessions, stale = STALE } = this.#options;
    const silence = sessions.database.exclusive ? undefined : stale;
    for (const claim of await sessions.tasks.takeOver(silence, [...this.#mine])) {
      await this.#failed(
        claim,
        new EngineFailure(
          'crashed',
          `the program ended ${MAX_ATTEMPTS} times while it did this, so it is not tried again`,
        ),
      );
      this.emit('told', claim.sessionId, claim.kind);
    }
  }

  /** Asks for all idle lanes at once. */
  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#options.before?.();
        this.#news = false;
        const claim = await this.#next();
        if (claim) this.#doing.set(claim.lane, this.#done(claim));
        else if (!this.#news) await this.#pause();
      } catch (error) {
        await this.#outOfReach(error);
      }
    }
  }

  /** Does it, and then the lane is idle. */
  async #done(claim: Claim): Promise<void> {
    try {
      await this.#do(claim);
    } catch (error) {
      await this.#outOfReach(error);
    } finally {
      this.#doing.delete(claim.lane);
      this.wake(); // what ended in one lane may be what another waits for
    }
  }

  async #outOfReach(error: unknown): Promise<void> {
    this.#lost = true;
    this.#options.logger?.error({ err: error }, 'the tasks could not be reached; trying again');
    await sleep(1000, undefined, { signal: this.#stopping.signal }).catch(() => {});
  }

  /** Claims the next task of those that idle lanes may do. */
  async #next(): Promise<Claim | undefined> {
    const idle = LANES.filter((lane) => !this.#doing.has(lane));
    if (idle.length === 0) return undefined;
    const { sessions, stale = STALE } = this.#options;
    // alone, nothing but ours can be under way here: what else still runs could not be put back when it failed
    if (sessions.database.exclusive ? this.#lost : performance.now() - this.#swept > stale) {
      await this.takeOver();
      [this.#swept, this.#lost] = [performance.now(), false];
    }
    const claim = await sessions.tasks.claim(idle, KINDS);
    if (claim) this.#mine.add(claim.id);
    return claim;
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, IDLE);
      this.#goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#goOn = undefined;
  }

  async #do(claim: Claim): Promise<void> {
    const { kind, sessionId: session, revisionId: revision } = claim;
    const started = performance.now();
    let outcome: Outcome = 'again';
    try {
      outcome = await this.#attempt(claim);
    } finally {
      this.#mine.delete(claim.id);
      this.emit('finished', { kind, outcome, seconds: (performance.now() - started) / 1000 });
      this.emit('told', session, kind);
    }
    this.#options.logger?.info({ kind, session, revision, outcome }, 'a task ended');
  }

  /** @throws what went wrong when not even that could be stored: the task is found by its silence then */
  async #attempt(claim: Claim): Promise<Outcome> {
    const { sessions, logger } = this.#options;
    const { session, revision } = claim;
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#stopping.signal]);
    const beat = setInterval(() => {
      void sessions.tasks.beat(claim).then(
        (mine) => mine || stop.abort(new UserError('cancelled')),
        () => {},
      );
    }, this.#options.heartbeat ?? 1000);
    const onProgress = (progress: EngineProgress): void => {
      this.emit('progress', { session: session.id, revision: revision.id, progress });
    };
    try {
      const engine = this.#options.engine(session.checkpoint, claim.lane);
      const store = await WORK[claim.kind]!({
        ...{ sessions, engine, session, revision },
        call: { signal, onProgress },
      });
      return await sessions.prisma.$transaction(async (tx) => {
        await sessions.lock(tx, session);
        if (!(await sessions.tasks.end(tx, claim, Status.DONE, sessions.now()))) return 'cancelled';
        await store(tx);
        return 'done';
      }, LONG);
    } catch (error) {
      if (stop.signal.aborted) return 'cancelled';
      if (this.#stopping.signal.aborted) {
        await sessions.tasks.putBack(claim);
        return 'cancelled';
      }
      if (!(error instanceof UserError) && claim.attempts < attemptsFor(error)) {
        logger?.error({ err: error, task: claim.id }, 'a task failed and will be tried again');
        await sessions.tasks.again(claim, (error as Error).message);
        return 'again';
      }
      if (!(error instanceof UserError)) logger?.error({ err: error, task: claim.id }, 'a task is given up');
      await this.#failed(claim, error as Error);
      return 'failed';
    } finally {
      clearInterval(beat);
    }
  }

  /** Gives a task up and tells why; a revision that has no picture without it goes too. */
  async #failed(claim: Claim, error: Error): Promise<void> {
    const { sessions } = this.#options;
    const { kind, session, revision } = claim;
    const why =
      error instanceof UserError || error instanceof EngineFailure
        ? error.message
        : 'something went wrong here; whoever runs this bot finds it in the log';
    await sessions.prisma.$transaction(async (tx) => {
      await sessions.lock(tx, session);
      if (!(await sessions.tasks.end(tx, claim, Status.FAILED, sessions.now(), why))) return;
      const current = await tx.revision.findUniqueOrThrow({ where: { id: revision.id } });
      if (kind === 'edit') await giveBack(tx, { ...session, user: revision.user }, revision.createdAt);
      if (MAKES_THE_PICTURE.has(kind)) await giveUp(sessions, tx, current, Status.FAILED, why);
      const say = revision.edit || revision.letter ? revision.say : '';
      // nobody waits for a finer picture who did not ask for one
      const { redraw } = revision.options as { redraw?: number };
      if (kind === 'refine' && !redraw) return;
      const about = kind === 'refine' ? current.id : (current.parentId ?? undefined);
      await sessions.tell(tx, session, { kind: 'failed', what: kind, say, why }, about);
      if (revision.stripId && kind === 'edit') await tellStrip(sessions, tx, session, current);
    }, LONG);
  }
}
