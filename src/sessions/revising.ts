import {
  type Edit,
  isDrafted,
  isRefinable,
  itemsAfter,
  lettersOf,
  needOf,
  regroups,
  renumbered,
} from '../engine/edits/index.js';
import type { EditOptions } from '../engine/editor.js';
import { UserError } from '../engine/errors.js';
import { awaitsWord } from './learning.js';
import { referencesOf } from './references.js';
import { itemsOf, type Revision, type Session, settingsOf, Status, storable, type Tx } from './rows.js';
import type { Sessions, Standing } from './sessions.js';
import { packEdit } from './storedEdit.js';
import { Lane, TaskKind } from './tasks.js';

/** Edits become revisions that wait for their turn, and drafts are drawn finer later. */

/** A thread with more is read and drawn no more in a moment. */
export const MOST_REVISIONS = 1000;

/**
 * A new revision that waits for its turn.
 * @param edit in the numbers of the picture that is shown
 * @throws UserError when an earlier edit that still waits takes the item away
 */
export async function addRevision(
  sessions: Sessions,
  tx: Tx,
  { session, shown, parent }: Standing,
  added: {
    say: string;
    user: string;
    edit: Edit;
    options: Partial<EditOptions>;
    stripId?: string;
    follow?: boolean;
  },
): Promise<Revision> {
  let numbers = itemsOf(shown).map((_, i) => i);
  for (const waiting of await editsBetween(sessions, tx, shown, parent))
    numbers = later(itemsAfter(numbers, waiting));
  const edit = renumbered(added.edit, numbers);
  if (!edit)
    throw new UserError(
      'that item goes away with an edit that still waits: wait for its picture, or say "cancel"',
    );
  const { _max } = await tx.revision.aggregate({
    where: { sessionId: session.id },
    _max: { number: true },
  });
  if ((_max.number ?? 0) >= MOST_REVISIONS)
    throw new UserError(
      `this thread has ${MOST_REVISIONS} pictures: send the newest one anew and go on in a thread of its own`,
    );
  const revision = await tx.revision.create({
    data: {
      sessionId: session.id,
      parentId: parent?.id ?? null,
      number: (_max.number ?? 0) + 1,
      say: added.say.slice(0, 1000),
      user: added.user,
      edit: storable(await packEdit(sessions.blobs, session, edit)),
      options: { ...settingsOf(session), ...added.options },
      stripId: added.stripId ?? null,
    },
  });
  const { redraw = 0 } = revision.options as Partial<EditOptions>;
  const afterLearning = needOf(edit) === 'learning';
  // a draft is shown at once; what a person wants drawn finer is learned meanwhile
  const wanted = afterLearning || (isRefinable(edit) && redraw > 0);
  // whoever changes something has found the items right
  const begins = wanted || (sessions.learning.mode === 'eager' && !regroups(edit));
  if (begins && parent) await sessions.learning.begin(tx, session, parent, sessions.now());
  if (afterLearning)
    for (const reference of await referencesOf(tx, session, lettersOf(edit)))
      await sessions.learning.join(tx, session, reference);
  await sessions.tasks.add(tx, session, {
    ...{ kind: TaskKind.edit, revisionId: revision.id, afterLearning },
    ...(isDrafted(edit) ? { lane: Lane.pixels } : {}),
  });
  if (added.follow ?? true) await sessions.stand(tx, session, revision.id);
  else if (parent) await sessions.tasks.cancel(tx, { revisionId: parent.id, kind: TaskKind.refine });
  return revision;
}

/** What still waits between the picture that is shown and `parent`, which it ends with. */
async function editsBetween(
  sessions: Sessions,
  tx: Tx,
  shown: Revision | undefined,
  parent: Revision | undefined,
): Promise<Edit[]> {
  if (!parent || parent.id === shown?.id) return [];
  const path = await sessions.tree(tx, { id: parent.sessionId }).upToFinished(parent.id);
  const waiting = await tx.revision.findMany({
    where: { id: { in: path }, status: { not: Status.DONE } },
    orderBy: { number: 'asc' }, // parents have lower numbers than their children
    select: { edit: true },
  });
  return waiting.map(({ edit }) => edit as unknown as Edit);
}

/** @throws UserError when only the picture that is still to come tells which items it has */
function later<T>(items: T[] | undefined): T[] {
  if (items) return items;
  throw new UserError(
    'the items are counted anew on the picture that is being made: say it once it is there',
  );
}

/**
 * Has the draft of a revision drawn finer when its items are learned, if they are or are going to be. A refinement
 * belongs to its revision: it is dropped as soon as the person goes on.
 */
export async function refineLater(
  sessions: Sessions,
  tx: Tx,
  session: Session,
  revision: Revision,
): Promise<void> {
  const { redraw } = revision.options as Partial<EditOptions>;
  const learning = redraw === 0 ? undefined : await sessions.tree(tx, session).learning();
  if (!learning || learning.status === Status.FAILED || learning.status === Status.CANCELLED) return;
  if (awaitsWord(learning, sessions.now())) return;
  if (!(await sessions.isStanding(tx, revision))) return;
  const task = { kind: TaskKind.refine, revisionId: revision.id, afterLearning: true };
  await sessions.tasks.add(tx, session, task);
}
