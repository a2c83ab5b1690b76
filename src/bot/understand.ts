import { isDeepStrictEqual } from 'node:util';
import type { Action, Subject } from '../commands/command.js';
import { reaction, understood } from '../commands/index.js';
import { type Edit, itemsAfter, itemsIn } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import type { Notice } from '../sessions/notice.js';
import { itemsOf, type Post, type Revision } from '../sessions/sessions.js';
import type { ChatEvent } from './platform.js';

export interface Understood {
  readonly actions: readonly Action[];
  /** Which part of what was written each of them is. */
  readonly said: readonly string[];
  /** The strip that is spoken of, where one is answered. */
  readonly strip?: string | undefined;
}

/** Pictures on which a number means an item. */
const NUMBERED: ReadonlySet<Notice['kind']> = new Set(['cut', 'result', 'refined', 'numbers', 'standing']);

/**
 * What an event asks for, at the picture that is shown.
 * @param answered what the message tells that the words reply to, or that the reaction is on
 * @param references pictures whose items may be used
 * @param head the picture that is still being made of it, if any
 * @throws UserError for what is not understood
 */
export function understand(
  event: Exclude<ChatEvent, { kind: 'upload' }>,
  shown: Revision | undefined,
  answered: Post | undefined,
  references: readonly Revision[] = [],
  head: Revision | undefined = shown,
): Understood {
  const subject = subjectAt(shown, references, head);
  const notice = answered?.notice as Notice | undefined;
  const strip = notice?.kind === 'strip' ? notice.strip : undefined;
  if (event.kind === 'say') {
    const parts = understood(event.text, subject);
    return { actions: parts.map(({ action }) => action), said: parts.map(({ said }) => said), strip };
  }
  const number = keycap(event.emoji);
  if (number === undefined || !notice || NUMBERED.has(notice.kind)) {
    const action = reaction(event.emoji, subject);
    // as what it means it is told, and listed in the history
    const said = number === undefined ? event.emoji : `remove ${number}`;
    return { actions: action ? [action] : [], said: [said] };
  }
  if (strip) return { actions: [{ kind: 'use', number }], said: [event.emoji], strip };
  throw new UserError(
    `a number does nothing on this picture: react to one with numbered items, or say "remove ${number}"`,
  );
}

/**
 * `understand`, before the transaction that acts on it: nobody's rows are locked while words are read.
 * @returns what was understood, or read anew where the picture or what is answered has become another meanwhile
 */
export function readAhead(
  ...[event, shown, answered, references, head]: Parameters<typeof understand>
): Understand {
  const then = subjectAt(shown, references, head);
  let ahead: Understood | UserError;
  try {
    ahead = understand(event, shown, answered, references, head);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    ahead = error;
  }
  return (now, answeredNow, referencesNow, headNow) => {
    if (!isDeepStrictEqual(subjectAt(now, referencesNow, headNow), then) || answeredNow?.id !== answered?.id)
      return understand(event, now, answeredNow, referencesNow, headNow);
    if (ahead instanceof UserError) throw ahead;
    return ahead;
  };
}

type Understand = (
  shown: Revision | undefined,
  answered: Post | undefined,
  references: readonly Revision[],
  head: Revision | undefined,
) => Understood;

/** 1 to 9; there are no such emoji for more. */
function keycap(emoji: string): number | undefined {
  const digit = /^([1-9])\uFE0F?\u20E3$/.exec(emoji)?.[1];
  return digit ? Number(digit) : undefined;
}

/**
 * What was spoken of last, and the edit that may be done once more: the last one of the picture, or the one that is
 * still being done to it, where it is clear what became of the item.
 */
function spokenOf(
  shown: Revision | undefined,
  head: Revision | undefined,
): { readonly last?: number | undefined; readonly done?: Edit | undefined } {
  const isDone = head?.id === shown?.id;
  if (!shown || !head?.edit || (!isDone && head.parentId !== shown.id)) return {};
  const edit = head.edit as unknown as Edit;
  const count = itemsOf(shown).length;
  if (edit.kind === 'put' || edit.kind === 'mark' || edit.kind.startsWith('copy'))
    return isDone ? { last: count - 1 } : {};
  const items = [...itemsOf(shown).keys()];
  if (!isDeepStrictEqual(itemsAfter(items, edit), items)) return {};
  const [last, ...more] = itemsIn(edit);
  const all = edit.kind === 'look' && edit.others;
  return { done: edit, ...(all || more.length > 0 || last === undefined ? {} : { last }) };
}

/** What words see of the picture that is shown. @param head the picture that is still being made of it, if any */
export const subjectAt = (
  shown: Revision | undefined,
  references: readonly Revision[] = [],
  head: Revision | undefined = shown,
): Subject => ({
  width: shown?.width ?? 1,
  height: shown?.height ?? 1,
  items: itemsOf(shown).map(({ name }) => ({ name })),
  finds: true,
  ...spokenOf(shown, head),
  references: references.map((row) => ({
    letter: row.letter!,
    ...(row.items ? { items: itemsOf(row).map(({ name }) => ({ name })) } : {}),
  })),
});
