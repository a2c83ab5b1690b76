import type { EngineProgress } from '../engine/engine.js';
import type { Platform, Reply, ReplyPicture } from './platform.js';

interface Shown {
  readonly platform: Platform;
  readonly thread: string;
  message: string | undefined;
  stage: EngineProgress['stage'];
  started: number;
  /** The newest reply not yet sent. */
  next: Reply | undefined;
  sending: boolean;
  /** Whether the message has said anything: posting it did, once. */
  updated: boolean;
  sent: number;
}

/** Platforms count edits of messages: one each this many ms says enough. */
const PACE = 2_000;

/** Work shorter than this shows its result, not its progress. */
const PATIENCE = 2_500;

const WORDS = {
  ...{ segment: 'Cutting the picture', learn: 'Learning the items', edit: 'Editing' },
  refine: 'Drawing it finer',
} as const;

const inWords = ({ text, progress }: Reply): Reply => ({
  kind: 'progress',
  text,
  ...(progress ? { progress } : {}),
});

const keyOf = (session: string, stage: EngineProgress['stage']): string => `${session} ${stage}`;

const forming = (png: Uint8Array): ReplyPicture => ({ name: 'preview.png', png, alt: 'the picture forming' });

/**
 * One message a piece of work that says how far it is; edited in place, never in the way of the work. Of a thread's work
 * several pieces may be under way: something is edited while its items are learned.
 */
export class ProgressMessages {
  /** By session and stage. */
  readonly #shown = new Map<string, Shown>();

  constructor(private readonly now: () => number = Date.now) {}

  /** @param where the session's platform and thread */
  update(session: string, where: { platform: Platform; thread: string }, progress: EngineProgress): void {
    const { stage } = progress;
    const key = keyOf(session, stage);
    let shown = this.#shown.get(key);
    if (!shown) {
      const unsent = { message: undefined, next: undefined, sending: false, updated: false, sent: 0 };
      shown = { ...where, stage, started: this.now(), ...unsent };
      this.#shown.set(key, shown);
    }
    const elapsed = this.now() - shown.started;
    if ((elapsed < PATIENCE && !shown.message) || this.now() - shown.sent < PACE) return;
    shown.sent = this.now();
    const share = progress.of > 0 ? progress.step / progress.of : 0;
    const seconds = share > 0.05 ? Math.ceil((elapsed / share - elapsed) / 1000) : undefined;
    const left = seconds === undefined ? '' : `, about ${seconds} s left`;
    shown.next = {
      kind: progress.preview ? 'preview' : 'progress',
      text: `${WORDS[stage]}: ${Math.round(share * 100)} %${left}`,
      progress: { stage, share, ...(seconds === undefined ? {} : { seconds }) },
      ...(progress.preview ? { picture: forming(progress.preview) } : {}),
    };
    void this.#send(shown);
  }

  /** The work is over; the message that spoke of it says so. */
  finished(session: string, stage: Shown['stage']): void {
    const key = keyOf(session, stage);
    const shown = this.#shown.get(key);
    this.#shown.delete(key);
    if (!shown?.message && !shown?.sending) return;
    const seconds = Math.round((this.now() - shown.started) / 1000);
    shown.next = {
      kind: 'progress',
      text: `${WORDS[shown.stage]}: done in ${seconds} s`,
      progress: { stage: shown.stage, share: 1, over: true },
    };
    void this.#send(shown);
  }

  async #send(shown: Shown): Promise<void> {
    if (shown.sending) return;
    shown.sending = true;
    try {
      while (shown.next) {
        const reply = shown.next;
        const { platform, thread, stage, started } = shown;
        // a picture forming is only ever an update: the message is there first, in words
        shown.message ??= await platform.post(
          thread,
          inWords(reply),
          `progress-${thread}-${stage}-${started}`,
        );
        if (shown.next === reply) shown.next = undefined;
        if (reply.kind === 'preview' || reply.progress?.over || shown.updated)
          await platform.update(thread, shown.message, reply);
        shown.updated = true;
      }
    } catch {
      // progress is a courtesy: the result comes by the outbox
    } finally {
      shown.sending = false;
    }
  }
}
