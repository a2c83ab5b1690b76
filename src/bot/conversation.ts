import { randomUUID } from 'node:crypto';
import type { Action } from '../commands/command.js';
import { helpText, parse, reaction } from '../commands/index.js';
import type { EditOptions } from '../engine/editor.js';
import type { Edit } from '../engine/edits.js';
import { sentences } from '../commands/sentences.js';
import { UserError } from '../engine/errors.js';
import {
  itemsOf,
  type Revision,
  type Session,
  type Sessions,
  type Standing,
  Status,
  type Tx,
} from '../sessions/sessions.js';
import { describeHistory, describeItems, describeStatus } from './describe.js';
import type { ChatEvent } from './platform.js';

export interface ConversationOptions {
  readonly sessions: Sessions;
  /** Names of checkpoints people may choose; the first is the default. */
  readonly checkpoints: readonly string[];
  /** A signed link to the mask editor, when there is a page to link to. */
  readonly maskLink?: (session: string, item: number) => string;
  /** Decodes a mask a person attached (engine.mask). */
  readonly mask: (bytes: Uint8Array, size: { width: number; height: number }) => Promise<Uint8Array>;
  /** Called when a thread was forgotten, after the fact. */
  readonly onForgotten?: (event: ChatEvent) => void;
  /** Called after each event with the session whose outbox or queue may have something new. */
  readonly onChange?: (session: string) => void;
}

const STILL_CUTTING = 'the picture is still being cut: say it again when the numbers are shown';

/** Words of messages that may only come from who started the session, or a moderator. */
const OWNERS_ONLY: ReadonlySet<Action['kind']> = new Set(['undo', 'redo', 'cancel', 'forget']);

interface Turn {
  readonly tx: Tx;
  readonly event: ChatEvent;
  readonly session: Session;
  /** The part of the message that is being acted on, as it was written. */
  readonly said: string;
}

/** What is said, on any platform, becomes rows: sessions, revisions, things to tell. */
export class Conversation {
  constructor(private readonly options: ConversationOptions) {}

  /** Acts on an event once. When it resolves, nothing of it can be lost; whatever there is to say lies in the outbox. */
  readonly handle = async (event: ChatEvent): Promise<void> => {
    const { sessions, onChange } = this.options;
    const session = event.kind === 'upload' ? await this.#upload(event) : await this.#word(event);
    if (!session) return;
    await sessions.kick(session);
    onChange?.(session);
  };

  async #upload(event: ChatEvent & { kind: 'upload' }): Promise<string | undefined> {
    const { sessions, checkpoints } = this.options;
    const id = randomUUID();
    // stored before the rows that name it: a blob nobody names is harmless, a name without its blob is not
    const sourceKey = await sessions.blobs.put(id, 'source', event.picture);
    const made = await sessions.once(event, async (tx) => {
      const there = await sessions.inThread(tx, event.platform, event.thread);
      if (there) {
        // a direct message has one thread for all its pictures: the newest is the one that is talked about
        await sessions.retire(tx, there);
      }
      const checkpoint = checkpoints.find((name) => name === event.checkpoint) ?? checkpoints[0]!;
      const session = await sessions.create(tx, { ...event, id, checkpoint, sourceKey });
      try {
        await sessions.charge(tx, event, 'uploads');
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        await tx.revision.updateMany({ where: { sessionId: id }, data: { status: Status.CANCELLED } });
        await this.#refuse({ tx, event, session, said: '' }, error.message);
        return id;
      }
      if (event.checkpoint && checkpoint !== event.checkpoint)
        await this.#refuse(
          { tx, event, session, said: '' },
          `there is no checkpoint "${event.checkpoint.slice(0, 40)}" here: I use ${checkpoint} (there are ${checkpoints.join(', ')})`,
        );
      if (event.reference)
        await this.#note(
          { tx, event, session, said: '' },
          'Reference pictures cannot be used yet: say in words what you would take from it.',
        );
      return id;
    });
    if (made !== id) await sessions.blobs.forget(id);
    return made;
  }

  async #word(event: Exclude<ChatEvent, { kind: 'upload' }>): Promise<string | undefined> {
    const { sessions } = this.options;
    let forgotten: Session | undefined;
    // a mask is decoded by the engine's process before the transaction begins
    const attached = event.kind === 'say' && event.attachment ? await this.#attachedMask(event) : undefined;
    const touched = await sessions.once(event, async (tx) => {
      const session = await sessions.inThread(tx, event.platform, event.thread);
      if (!session) return undefined;
      const turn: Turn = { tx, event, session, said: '' };
      let cut = true;
      try {
        if (attached instanceof UserError) throw attached;
        const standing = await sessions.standing(
          tx,
          session,
          event.kind === 'say' ? event.replyTo : event.message,
        );
        cut = standing.shown !== undefined;
        const subject = subjectOf(standing.shown);
        const actions =
          event.kind === 'say'
            ? parse(event.text, subject)
            : [reaction(event.emoji, subject)].filter((a) => a !== undefined);
        const said = event.kind === 'say' ? sentences(event.text) : [event.emoji];
        for (const [i, action] of actions.entries()) {
          if (OWNERS_ONLY.has(action.kind) && event.user !== session.owner && !event.moderator)
            throw new UserError(`only who started this thread, or a moderator, may ${action.kind} here`);
          if (action.kind === 'forget') forgotten = session;
          // what a message asks for later follows what it asked for before
          const at = i === 0 ? standing : await this.#following(tx, standing);
          await this.#act({ ...turn, session: at.session, said: said[i] ?? '' }, action, at, attached);
        }
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        await this.#refuse(turn, cut ? error.message : STILL_CUTTING);
      }
      return session.id;
    });
    if (forgotten) {
      await sessions.blobs.forget(forgotten.id);
      this.options.onForgotten?.(event);
    }
    return touched;
  }

  /** The standing after an action of the same message: the numbers stay those the person saw. */
  async #following(tx: Tx, { session, shown }: Standing): Promise<Standing> {
    const { sessions } = this.options;
    const current = await tx.session.findUniqueOrThrow({ where: { id: session.id } });
    const next = await sessions.standing(tx, current);
    return next.parent?.edit && next.parent.status !== Status.DONE ? { ...next, shown } : next;
  }

  async #attachedMask(event: ChatEvent & { kind: 'say' }): Promise<Uint8Array | UserError | undefined> {
    const { sessions, mask } = this.options;
    const session = await sessions.prisma.session.findUnique({
      where: { platform_thread: { platform: event.platform, thread: event.thread } },
    });
    if (!session) return undefined;
    const { shown } = await sessions.standing(sessions.prisma, session, event.replyTo);
    if (!shown?.width || !shown.height) return undefined;
    try {
      return await mask(event.attachment!, { width: shown.width, height: shown.height });
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
  }

  async #act(turn: Turn, action: Action, standing: Standing, mask: Uint8Array | undefined): Promise<void> {
    const { tx, session } = turn;
    const { sessions, maskLink } = this.options;
    const { shown } = standing;
    switch (action.kind) {
      case 'edit':
        return await this.#edit(turn, standing, [action.edit]);
      case 'series':
        return await this.#edit(turn, standing, action.edits, { labels: action.labels });
      case 'again': {
        const last = shown?.edit ? shown : undefined;
        if (!last?.parentId)
          throw new UserError(
            'there is no edit to do again: say one first, for example "replace 2 with a cat"',
          );
        const parent = await tx.revision.findUniqueOrThrow({ where: { id: last.parentId } });
        const edit = last.edit as unknown as Edit;
        const seeds = await this.#freshSeeds(tx, session, action.count);
        return await this.#edit(
          turn,
          { session, shown: parent, parent },
          seeds.map(() => edit),
          {
            say: last.say,
            options: seeds.map((seed) => ({ ...(last.options as object), seed })),
            ...(action.count > 1 ? { labels: seeds.map((seed) => `seed ${seed}`) } : {}),
          },
        );
      }
      case 'use': {
        const strip = await tx.revision.findFirst({
          where: { sessionId: session.id, stripId: { not: null }, status: Status.DONE },
          orderBy: { number: 'desc' },
        });
        const choices = strip
          ? await tx.revision.findMany({
              where: { stripId: strip.stripId, status: Status.DONE },
              orderBy: { number: 'asc' },
            })
          : [];
        const chosen = choices[action.number - 1];
        if (!chosen)
          throw new UserError(
            choices.length > 0
              ? `the strip has pictures 1 to ${choices.length}: say for example "use 1"`
              : 'there is no strip to choose from: say "again 4" first',
          );
        return await this.#stand(turn, chosen, `Going on from picture ${action.number} of the strip.`);
      }
      case 'set':
        await sessions.set(tx, session, { [action.setting]: action.value });
        return await this.#note(turn, `From now on: ${action.setting} ${action.value}.`);
      case 'rename': {
        if (!shown) throw new UserError('the picture is still being cut: rename items when they are shown');
        const items = itemsOf(shown).map((item, i) =>
          i === action.item ? { ...item, name: action.name } : item,
        );
        await tx.revision.update({ where: { id: shown.id }, data: { items: items as never } });
        return await this.#note(turn, `Item ${action.item + 1} is now called ${action.name}.`);
      }
      case 'reshape': {
        if (!shown) throw new UserError('the picture is still being cut: reshape items when they are shown');
        if (mask) {
          const edit: Edit = {
            kind: 'reshape',
            item: action.item,
            mask: { width: shown.width!, height: shown.height!, data: mask },
          };
          return await this.#edit(turn, standing, [edit]);
        }
        if (!maskLink)
          throw new UserError(
            `attach a black-and-white picture with the new outline in white and say "reshape ${action.item + 1}"`,
          );
        const name = itemsOf(shown)[action.item]?.name ?? 'the item';
        return await sessions.tell(tx, session, {
          kind: 'link',
          text: `Draw the new outline of ${name} (item ${action.item + 1}). The link is yours and works for an hour.`,
          label: 'Open the mask editor',
          url: maskLink(session.id, action.item),
        });
      }
      case 'undo': {
        const from = standing.parent;
        if (from && from.status !== Status.DONE && from.edit) {
          await sessions.give(tx, from, Status.CANCELLED, 'undone before it was done');
          return await this.#note(turn, `Never mind "${from.say}".`);
        }
        const back = from?.parentId
          ? await tx.revision.findUnique({ where: { id: from.parentId } })
          : undefined;
        if (!back) throw new UserError('this is the picture you sent: there is nothing to undo');
        return await this.#stand(turn, back, `Undone: ${from!.say}.`);
      }
      case 'redo': {
        const next = shown
          ? await tx.revision.findFirst({
              where: { parentId: shown.id, status: Status.DONE },
              orderBy: { number: 'desc' },
            })
          : undefined;
        if (!next)
          throw new UserError(
            'there is nothing to redo: the newest picture of this branch is the current one',
          );
        return await this.#stand(turn, next, `Done again: ${next.say}.`);
      }
      case 'show':
        if (!shown) throw new UserError('the picture is still being cut: it comes in a moment');
        return await this.#stand(turn, shown, `${nameOf(shown)}: ${describeItems(itemsOf(shown))}`);
      case 'compare': {
        const root = await tx.revision.findFirst({ where: { sessionId: session.id, number: 0 } });
        if (!shown || !root || shown.id === root.id)
          throw new UserError('there is nothing to compare yet: say an edit first, for example "remove 2"');
        return await sessions.tell(
          tx,
          session,
          { kind: 'compare', before: root.id, after: shown.id },
          shown.id,
        );
      }
      case 'history': {
        const all = await tx.revision.findMany({
          where: { sessionId: session.id },
          orderBy: { number: 'asc' },
        });
        const text = describeHistory(all, session.headId ?? undefined);
        return await sessions.tell(tx, session, { kind: 'words', as: 'history', text });
      }
      case 'status':
        return await this.#note(
          turn,
          describeStatus(session, await this.#unfinished(tx, session), await this.#queued(tx, session)),
        );
      case 'cancel': {
        const count = await sessions.cancel(tx, session);
        return await this.#note(turn, count > 0 ? 'Cancelled.' : 'There is nothing to cancel.');
      }
      case 'export':
        if (!shown) throw new UserError('the picture is still being cut: export it when it is shown');
        return await sessions.tell(tx, session, { kind: 'export', revision: shown.id }, shown.id);
      case 'forget':
        // the last word is the platform's own affair: the row that would carry it goes with everything else
        await tx.session.delete({ where: { id: session.id } });
        return;
      case 'help':
        return await sessions.tell(tx, session, { kind: 'words', as: 'note', text: helpText(action.topic) });
    }
  }

  async #edit(
    turn: Turn,
    standing: Standing,
    edits: readonly Edit[],
    series: { labels?: readonly string[]; options?: readonly Partial<EditOptions>[]; say?: string } = {},
  ): Promise<void> {
    const { tx, event, session, said } = turn;
    const { sessions } = this.options;
    if (!standing.shown) throw new UserError(STILL_CUTTING);
    await sessions.charge(tx, event, 'edits', edits.length);
    const say = series.say ?? said;
    const stripId = series.labels ? randomUUID() : undefined;
    for (const [i, edit] of edits.entries()) {
      await sessions.addRevision(
        tx,
        { ...standing, session },
        {
          say: series.labels?.[i] ?? say,
          user: event.user,
          edit,
          options: series.options?.[i] ?? {},
          ...(stripId ? { stripId, follow: false } : {}),
        },
      );
    }
  }

  async #freshSeeds(tx: Tx, session: Session, count: number): Promise<number[]> {
    const tried = await tx.revision.count({ where: { sessionId: session.id } });
    return Array.from({ length: count }, (_, i) => 1000 + tried + i);
  }

  async #stand({ tx, session }: Turn, revision: Revision, text: string): Promise<void> {
    const { sessions } = this.options;
    await sessions.stand(tx, session, revision.id);
    await sessions.tell(tx, session, { kind: 'standing', text }, revision.id);
  }

  async #unfinished(tx: Tx, session: Session): Promise<Revision[]> {
    return await tx.revision.findMany({
      where: { sessionId: session.id, status: { in: [Status.PENDING, Status.RUNNING] } },
      orderBy: { number: 'asc' },
    });
  }

  async #queued(tx: Tx, session: Session): Promise<number> {
    return await tx.revision.count({
      where: { sessionId: { not: session.id }, status: { in: [Status.PENDING, Status.RUNNING] } },
    });
  }

  async #note({ tx, session }: Turn, text: string): Promise<void> {
    await this.options.sessions.tell(tx, session, { kind: 'words', as: 'note', text });
  }

  async #refuse({ tx, session }: Turn, text: string): Promise<void> {
    await this.options.sessions.tell(tx, session, { kind: 'words', as: 'refusal', text });
  }
}

const nameOf = (revision: Revision): string =>
  revision.number === 0 ? 'The picture as it came' : `Picture ${revision.number}, "${revision.say}"`;

const subjectOf = (shown: Revision | undefined) => ({
  width: shown?.width ?? 1,
  height: shown?.height ?? 1,
  items: itemsOf(shown).map(({ name }) => ({ name })),
});
