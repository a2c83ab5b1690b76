import { randomUUID } from 'node:crypto';
import { captioned, type Wanted, wantedItems } from '../commands/wanted.js';
import { UserError } from '../engine/errors.js';
import { cancelUpload, retire } from '../sessions/ending.js';
import { addReference, hashOf } from '../sessions/references.js';
import { keepCaption } from '../sessions/said.js';
import type { Session, Sessions } from '../sessions/sessions.js';
import { charge } from '../sessions/usage.js';
import { checkReadable, isAnimated } from './firstBytes.js';
import type { ChatEvent } from './platform.js';
import { Turn } from './turn.js';

/** A picture among the blobs that no row names yet. */
interface Sent {
  readonly sourceKey: string;
  readonly sourceHash: string;
  readonly bytes: number;
}

/** What says no more than that the picture beside it is a reference. */
const JUST_A_REFERENCE =
  /^(?:(?:here(?: is|'s)?|this is|that is|use(?: this| it)?(?: as)?|as|for|and|the|a|an|another|my|second|new) ?)*(?:reference|ref)?(?: (?:picture|image|photo))?[.! ]*$/i;

interface ArrivalOptions {
  readonly sessions: Sessions;
  /** Names of checkpoints people may choose; the first is the default. */
  readonly checkpoints: readonly string[];
  /** Answers where there is no session whose outbox could. */
  readonly answer: (event: ChatEvent, kind: 'refusal', text: string) => void;
}

/** Pictures that people send: one to edit begins a session, another in its thread is a reference. */
export class Arrivals {
  constructor(private readonly options: ArrivalOptions) {}

  /** A picture that begins a session. @returns the session; undefined when there is none */
  async upload(event: ChatEvent & { kind: 'upload' }): Promise<string | undefined> {
    const { sessions } = this.options;
    const id = randomUUID();
    // of a picture that is refused anyway nothing is stored
    let refusal = await sessions.whyNoUpload(event);
    let sourceKey: string | undefined;
    let references: readonly Sent[] = [];
    const caption = captioned(event.text ?? '');
    const wanted = wantedIn(event.items, caption.items);
    try {
      checkReadable(event.picture);
      // stored before the rows that name it: a blob nobody names is harmless, a name without its blob is not
      if (!refusal) {
        sourceKey = await sessions.blobs.put(id, 'source', event.picture);
        references = await Promise.all((event.references ?? []).map((picture) => this.#store(id, picture)));
      }
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.options.answer(event, 'refusal', error.message);
      return undefined;
    }
    const made = await sessions.once(event, async (tx) => {
      const there = await sessions.inThread(tx, event.platform, event.thread);
      // a direct message has one thread for all its pictures: the newest is the one that is talked about
      if (there) await retire(sessions, tx, there);
      const checkpoint = this.#checkpoint(event);
      const bytes = sourceKey ? event.picture.byteLength : 0;
      const sourceHash = sourceKey && hashOf(event.picture);
      const session = await sessions.create(tx, {
        ...{ ...event, id, checkpoint, sourceKey, sourceHash, bytes },
        wanted: wanted?.words,
      });
      const turn = new Turn(sessions, tx, event, session);
      refusal ??= await charge(sessions, tx, event, 'uploads').then(() => undefined, userError);
      if (refusal) {
        await cancelUpload(sessions, tx, session);
        await turn.refuse(refusal.message);
        return id;
      }
      await this.#remark(turn, event, checkpoint);
      for (const sent of references)
        try {
          await addReference(sessions, tx, session, { ...sent, user: event.user });
        } catch (error) {
          await turn.refuse(userError(error).message);
        }
      await remarkOn(turn, wanted);
      if (caption.text) await keepCaption(tx, session, { text: caption.text, event: event.id });
      return id;
    });
    if (made !== id || refusal) await sessions.blobs.forget(id);
    return made;
  }

  #checkpoint({ checkpoint }: { readonly checkpoint?: string }): string {
    const { checkpoints } = this.options;
    return checkpoints.find((name) => name === checkpoint) ?? checkpoints[0]!;
  }

  /** What of an upload could not be followed. */
  async #remark(turn: Turn, event: ChatEvent & { kind: 'upload' }, checkpoint: string): Promise<void> {
    if (event.checkpoint && checkpoint !== event.checkpoint)
      await turn.refuse(
        `there is no checkpoint "${event.checkpoint.slice(0, 40)}" here: I use ${checkpoint} (there are ${this.options.checkpoints.join(', ')})`,
      );
    if (isAnimated(event.picture)) await turn.note('This picture moves: I use its first frame.');
  }

  /** Another picture in the thread, whose items may be used; what was written with it is done once it is cut. */
  async reference(
    event: ChatEvent & { kind: 'say' },
    picture: Uint8Array,
    ours: Session,
  ): Promise<string | undefined> {
    const { sessions } = this.options;
    let refusal = await sessions.whyNoUpload(event);
    let sent: Sent | undefined;
    try {
      if (!refusal) sent = await this.#store(ours.id, picture);
    } catch (error) {
      refusal = userError(error);
    }
    return await sessions.once(event, async (tx) => {
      const session = await sessions.inThread(tx, event.platform, event.thread);
      if (!session) return undefined;
      const turn = new Turn(sessions, tx, event, session);
      try {
        if (refusal) throw refusal;
        // what came first into a thread that has another picture by now went with that
        if (session.id !== ours.id)
          throw new UserError('another picture came meanwhile: send this one again');
        await charge(sessions, tx, event, 'uploads');
        const { text, items } = captioned(event.text);
        const wanted = wantedIn(items);
        const made = { ...sent!, user: event.user, wanted: wanted?.words };
        const { id } = await addReference(sessions, tx, session, made);
        if (isAnimated(picture)) await turn.note('This picture moves: I use its first frame.');
        await remarkOn(turn, wanted);
        if (text && !JUST_A_REFERENCE.test(text))
          await keepCaption(tx, session, { text, event: event.id, revision: id });
      } catch (error) {
        await turn.refuse(userError(error).message);
      }
      return session.id;
    });
  }

  async #store(session: string, picture: Uint8Array): Promise<Sent> {
    return {
      sourceKey: await this.options.sessions.blobs.put(session, 'source', picture),
      sourceHash: hashOf(picture),
      bytes: picture.byteLength,
    };
  }
}

/** What is to be looked for; undefined where nobody asked. */
function wantedIn(...lists: readonly (string | undefined)[]): Wanted | undefined {
  const said = lists.filter((list) => list !== undefined);
  return said.length > 0 ? wantedItems(said.join(', ')) : undefined;
}

async function remarkOn(turn: Turn, { remarks }: Pick<Wanted, 'remarks'> = { remarks: [] }): Promise<void> {
  if (remarks.length > 0) await turn.note(`${remarks.join('. ')}.`);
}

/** What is said to the person. @throws anything else */
export function userError(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}
