import { setTimeout as sleep } from 'node:timers/promises';
import { answered, Asking, isAnswer } from '../commands/asking.js';
import type { Action, Subject } from '../commands/command.js';
import { helpText, parse } from '../commands/index.js';
import { UserError } from '../engine/errors.js';
import type { OutgoingPost } from '../sessions/outbox.js';
import { referencesOf } from '../sessions/references.js';
import { sessionsOf } from '../sessions/retention.js';
import { captionOf, openQuestion, postNow, postOf } from '../sessions/said.js';
import { wellFormed } from '../sessions/rows.js';
import type { Session, Sessions, Standing } from '../sessions/sessions.js';
import { act, type MaskLink, type Means } from './act.js';
import { Arrivals, userError } from './arrivals.js';
import { offersIn } from './offers.js';
import type { ChatEvent } from './platform.js';
import { readAhead, subjectAt } from './understand.js';
import { Recent } from './recent.js';
import { RateLimit } from './rateLimit.js';
import { STILL_CUTTING, Turn } from './turn.js';

export interface ConversationOptions {
  readonly sessions: Sessions;
  /** Names of checkpoints people may choose; the first is the default. */
  readonly checkpoints: readonly string[];
  readonly maskLink?: MaskLink;
  /** Decodes a mask a person attached (engine.mask). */
  readonly mask: (bytes: Uint8Array, size: { width: number; height: number }) => Promise<Uint8Array>;
  /** How much one person may say a minute; 0: as much as they like. */
  readonly messagesPerMinute?: number;
  /** Answers where there is no session whose outbox could: it is forgotten, or could not begin. */
  readonly answer: (event: ChatEvent, kind: 'note' | 'refusal', text: string) => void;
  /** Why nothing can be stored now; undefined when it can. */
  readonly noRoom?: () => string | undefined;
  /** Called after each event with the session whose outbox may have something new, and that may have work to queue. */
  readonly onChange?: (session: string) => void;
}

/** What says that the picture beside it is a mask. */
const ABOUT_A_MASK = /\b(?:reshape|outline|mask)\b/i;
/** What only those may ask for who started the session, or a moderator. */
const OWNERS_ONLY: ReadonlySet<Action['kind']> = new Set(['undo', 'redo', 'cancel', 'forget']);

const NO_PICTURE =
  'There is no picture here, or it is gone (forgotten, or nobody used it for long): send one, with words if you like.';
const FORGOTTEN = 'Forgotten: the pictures, what was learned and everything said here are deleted.';
const FORGOTTEN_ALL = 'Forgotten: every picture and thread you began, and what was counted of you.';

/** What is said, on any platform, becomes rows: sessions, revisions, things to tell. */
export class Conversation {
  readonly #limit: RateLimit | undefined;
  readonly #arrivals: Arrivals;
  readonly #acting = new Set<Promise<unknown>>();
  /** Threads without a picture whose people know it. */
  readonly #told = new Recent<true>(5000);

  constructor(private readonly options: ConversationOptions) {
    this.#arrivals = new Arrivals(options);
    const { messagesPerMinute = 0 } = options;
    if (messagesPerMinute > 0) this.#limit = new RateLimit(messagesPerMinute, messagesPerMinute);
  }

  /** Acts on an event once. When it resolves, nothing of it can be lost; whatever there is to say lies in the outbox. */
  readonly handle = async (told: ChatEvent): Promise<'dropped' | void> => {
    const event = storableEvent(told);
    const full = this.options.noRoom?.();
    if (full) {
      this.options.answer(event, 'refusal', full);
      return 'dropped';
    }
    if (!this.#mayTalk(event)) return 'dropped';
    const acting = event.kind === 'upload' ? this.#arrivals.upload(event) : this.#word(event);
    this.#acting.add(acting);
    try {
      const session = await acting;
      if (session) this.options.onChange?.(session);
    } finally {
      this.#acting.delete(acting);
    }
  };

  /** Resolves when nothing that was said before now is still being stored, or after so many ms. */
  async quiet(patience: number): Promise<void> {
    if (this.#acting.size === 0) return;
    await Promise.race([Promise.allSettled(this.#acting), sleep(patience, undefined, { ref: false })]);
  }

  /** A flood is told once that it is one, then it is silence. */
  #mayTalk(event: ChatEvent): boolean {
    if (!this.#limit) return true;
    const who = `${event.platform}:${event.user}`;
    if (this.#limit.take(who)) return true;
    if (this.#limit.justRanOut(who))
      this.options.answer(event, 'refusal', 'that was a lot at once: wait a minute, then say it again');
    return false;
  }

  async #word(event: Exclude<ChatEvent, { kind: 'upload' }>): Promise<string | undefined> {
    const { sessions, answer } = this.options;
    // platforms tell of threads that are not ours: nothing of those is kept, not even that something was said
    const ours = await sessions.views.inThread(event.platform, event.thread);
    if (!ours) return this.#nobodyHome(event);
    const attached = event.kind === 'say' ? event.attachment : undefined;
    if (event.kind === 'say' && attached && !(await this.#isMask(event, ours)))
      return await this.#arrivals.reference(event, attached, ours);
    // a mask is decoded by the engine's process before the transaction begins
    const mask = event.kind === 'say' && attached ? await this.#attachedMask(event, ours) : undefined;
    const message = event.kind === 'say' ? event.replyTo : event.message;
    const { shown, parent } = await sessions.standingNow(ours, message);
    const references = await sessions.views.references(ours);
    const understood = readAhead(
      event.kind === 'say' ? await this.#completed(event, ours, subjectAt(shown, references, parent)) : event,
      shown,
      message ? await postNow(sessions, ours, message) : undefined,
      references,
      parent,
    );
    let done: readonly Action[] = [];
    let gone: readonly string[] = [];
    const touched = await sessions.once(event, async (tx) => {
      const session = await sessions.inThread(tx, event.platform, event.thread);
      if (!session) return undefined;
      const replied = message ? await postOf(tx, session, message) : undefined;
      const standing = await sessions.standing(tx, session, message);
      if (event.kind === 'say' && event.kept)
        await sessions.tell(tx, session, { kind: 'said', text: event.text, event: event.id });
      const references = await referencesOf(tx, session);
      try {
        if (mask instanceof UserError) throw mask;
        const { actions, said, strip } = understood(standing.shown, replied, references, standing.parent);
        if (actions.some(({ kind }) => kind === 'forgetMe'))
          gone = (await sessionsOf(tx, event)).map(({ id }) => id);
        else if (actions.some(({ kind }) => kind === 'forget')) gone = [session.id];
        for (const [i, action] of actions.entries()) {
          this.#checkOwner(action, event, session);
          // what a message asks for later follows what it asked for before
          const at =
            i === 0 ? standing : await this.#following(new Turn(sessions, tx, event, session), standing);
          const turn = new Turn(sessions, tx, event, at.session, said[i]);
          const means: Means = { mask, maskLink: this.options.maskLink, strip };
          await act(turn, action, at, means);
          if (action.kind === 'forget' || action.kind === 'forgetMe') break;
        }
        done = actions;
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        gone = [];
        const text = standing.shown ? error.message : STILL_CUTTING;
        const offers = offersIn(text, subjectAt(standing.shown, references));
        const asks = error instanceof Asking && standing.shown ? error : undefined;
        await new Turn(sessions, tx, event, session).refuse(text, offers, asks);
      }
      return session.id;
    });
    if (touched === undefined) return undefined;
    for (const id of gone) await sessions.blobs.forget(id);
    if (done.some(({ kind }) => kind === 'forgetMe')) answer(event, 'note', FORGOTTEN_ALL);
    else if (gone.length > 0) answer(event, 'note', FORGOTTEN);
    return touched;
  }

  /** The answer to a question of ours, which item is meant, as all of what was asked for. */
  async #completed(
    event: ChatEvent & { kind: 'say' },
    session: Session,
    subject: Subject,
  ): Promise<ChatEvent & { kind: 'say' }> {
    if (!isAnswer(event.text, subject)) return event;
    const question = await openQuestion(this.options.sessions, session, event.user);
    return question ? { ...event, text: answered(question.asked, question.called, event.text) } : event;
  }

  /** Words where there is no picture: whoever means the bot hears so, once a thread where it may be meant. */
  #nobodyHome(event: Exclude<ChatEvent, { kind: 'upload' }>): undefined {
    const thread = `${event.platform}:${event.thread}`;
    if (!event.meant || (event.meant === 'perhaps' && this.#told.get(thread))) return undefined;
    this.#told.set(thread, true);
    const text = event.kind === 'say' ? event.text.trim() : '';
    if (/^(?:help|\?|what can (?:you|i) (?:do|say)\??)$/i.test(text))
      this.options.answer(event, 'note', helpText());
    else this.options.answer(event, 'refusal', NO_PICTURE);
    return undefined;
  }

  /**
   * What is to be stored before a post is sent: with the numbers of a picture, what was written when it was sent. Told
   * twice, it is done once, as every event.
   */
  async beforeTelling({ notice, session, revisionId }: OutgoingPost): Promise<void> {
    const { kind } = notice as { kind?: string };
    if (kind !== 'cut' && kind !== 'reference') return;
    const { sessions } = this.options;
    const reference = kind === 'reference' ? await sessions.views.revision(revisionId!) : undefined;
    const text = await captionOf(sessions, session.id, reference?.id);
    if (!text) return;
    const { id, thread, owner } = session;
    const platform = session.platform as ChatEvent['platform'];
    const user = reference?.user ?? owner;
    await this.handle({ kind: 'say', id: `caption-${reference?.id ?? id}`, platform, thread, user, text });
  }

  /** Whether a picture that came with words is an item's new outline, and no reference. */
  async #isMask({ text, replyTo }: ChatEvent & { kind: 'say' }, session: Session): Promise<boolean> {
    if (ABOUT_A_MASK.test(text)) return true;
    const { shown } = await this.options.sessions.standingNow(session, replyTo);
    try {
      return parse(text, subjectAt(shown)).some(({ kind }) => kind === 'reshape' || kind === 'mark');
    } catch (error) {
      userError(error);
      return false;
    }
  }

  #checkOwner({ kind }: Action, event: ChatEvent, session: Session): void {
    if (OWNERS_ONLY.has(kind) && event.user !== session.owner && !event.moderator)
      throw new UserError(`only who started this thread, or a moderator, may ${kind} here`);
  }

  /** The standing after an action of the same message: the numbers stay those the person saw. */
  async #following({ tx, session }: Turn, { shown }: Standing): Promise<Standing> {
    const { sessions } = this.options;
    const next = await sessions.standing(tx, await sessions.reload(tx, session));
    return next.parent?.edit && next.parent.status !== 'DONE' ? { ...next, shown } : next;
  }

  async #attachedMask(
    event: ChatEvent & { kind: 'say' },
    session: Session,
  ): Promise<Uint8Array | UserError | undefined> {
    const { sessions, mask } = this.options;
    const { shown } = await sessions.standingNow(session, event.replyTo);
    if (!shown?.width || !shown.height) return undefined;
    try {
      return await mask(event.attachment!, { width: shown.width, height: shown.height });
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  }
}

/** What people write comes from anywhere. */
function storableEvent(event: ChatEvent): ChatEvent {
  return event.kind === 'react' || event.text === undefined
    ? event
    : { ...event, text: wellFormed(event.text) };
}
