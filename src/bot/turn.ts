import { randomUUID } from 'node:crypto';
import type { EditOptions } from '../engine/editor.js';
import type { Edit } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import type { Notice } from '../sessions/notice.js';
import { addRevision } from '../sessions/revising.js';
import type { Revision, Session, Sessions, Standing, Tx } from '../sessions/sessions.js';
import type { Tree } from '../sessions/tree.js';
import { charge } from '../sessions/usage.js';
import type { ChatEvent } from './platform.js';

export const STILL_CUTTING = 'the picture is still being cut: say it again when the numbers are shown';

/** How edits of one message become revisions. */
export interface Series {
  /** What each of several pictures is called; they are shown side by side and none of them is gone on from. */
  readonly labels?: readonly string[];
  /** Beyond the session's settings, one for each edit. */
  readonly options?: readonly Partial<EditOptions>[];
  /** Instead of what the person wrote. */
  readonly say?: string;
}

/** One thing a person said, acted on within one transaction: whatever is answered lies in the outbox with it. */
export class Turn {
  readonly tree: Tree;

  constructor(
    readonly sessions: Sessions,
    readonly tx: Tx,
    readonly event: ChatEvent,
    readonly session: Session,
    /** The part of the message that is being acted on, as it was written. */
    readonly said = '',
  ) {
    this.tree = sessions.tree(tx, session);
  }

  async tell(notice: Notice, revision?: string): Promise<void> {
    await this.sessions.tell(this.tx, this.session, notice, revision);
  }

  async note(text: string): Promise<void> {
    await this.tell({ kind: 'words', as: 'note', text });
  }

  /** @param asks what is done once the person says which item they mean */
  async refuse(
    text: string,
    offers: readonly string[] = [],
    asks?: { readonly asked: string; readonly called: string },
  ): Promise<void> {
    const question = asks && { asked: asks.asked, called: asks.called, user: this.event.user };
    await this.tell({
      ...{ kind: 'words', as: 'refusal', text },
      ...(offers.length > 0 ? { offers } : {}),
      ...(question ? { question } : {}),
    });
  }

  /** Further words work on this revision; its numbers are shown. */
  async stand(revision: Revision, text: string): Promise<void> {
    await this.sessions.stand(this.tx, this.session, revision.id);
    await this.tell({ kind: 'standing', text }, revision.id);
  }

  /** @throws UserError when the picture has no numbers yet, or the day's share is used up */
  async edit(standing: Standing, edits: readonly Edit[], series: Series = {}): Promise<void> {
    const { sessions, tx, event, session } = this;
    if (!standing.shown) throw new UserError(STILL_CUTTING);
    await charge(sessions, tx, event, 'edits', edits.length);
    const strip = series.labels ? { stripId: randomUUID(), follow: false } : {};
    for (const [i, edit] of edits.entries()) {
      const say = series.labels?.[i] ?? series.say ?? this.said;
      const options = series.options?.[i] ?? {};
      await addRevision(
        sessions,
        tx,
        { ...standing, session },
        { say, user: event.user, edit, options, ...strip },
      );
    }
  }
}

/** @throws UserError while there are no numbers to speak of */
export function shownOf({ shown }: Standing): Revision {
  if (!shown) throw new UserError(STILL_CUTTING);
  return shown;
}
