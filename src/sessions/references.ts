import { createHash, randomUUID } from 'node:crypto';
import { REFERENCE_LETTERS } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { type Revision, type Session, Status } from './prisma/client.js';
import type { Tx } from './rows.js';
import { cutting, type Tasks } from './tasks.js';

/** What a picture a person sent is known again by. */
export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The session's reference pictures, cut or waiting to be, in the order of their letters. */
export async function referencesOf(
  tx: Pick<Tx, 'revision'>,
  { id }: Pick<Session, 'id'>,
  letters?: readonly string[],
): Promise<(Revision & { letter: string })[]> {
  const rows = await tx.revision.findMany({
    where: {
      sessionId: id,
      letter: letters ? { in: [...letters] } : { not: null },
      status: { in: [Status.PENDING, Status.DONE] },
    },
    orderBy: { letter: 'asc' },
  });
  return rows as (Revision & { letter: string })[];
}

/**
 * One more picture whose items may be used, waiting to be cut.
 * @param sent its bytes lie among the session's blobs already
 * @throws UserError when it is there already, or there are too many
 */
export async function addReference(
  { tasks }: { readonly tasks: Tasks },
  tx: Tx,
  session: Session,
  sent: {
    user: string;
    sourceKey: string;
    sourceHash: string;
    bytes: number;
    /** Names of things that are to be its items. */
    wanted?: readonly string[] | undefined;
  },
): Promise<Revision> {
  const { sourceKey, sourceHash, user, bytes, wanted } = sent;
  const there = await referencesOf(tx, session);
  const twin = await tx.revision.findFirst({
    where: {
      sessionId: session.id,
      sourceHash,
      OR: [{ number: 0 }, { id: { in: there.map(({ id }) => id) } }],
    },
  });
  if (twin)
    throw new UserError(
      twin.letter
        ? `this is reference ${twin.letter}: say for example "replace 2 with ${twin.letter}2"`
        : 'this is the picture that is being edited: of its own items say for example "replace 2 with 3" or "copy 2"',
    );
  const letter = REFERENCE_LETTERS.find((free) => there.every((other) => other.letter !== free));
  if (!letter)
    throw new UserError(
      `there are ${there.length} reference pictures already: send the picture that is edited anew to begin with others`,
    );
  const { _min } = await tx.revision.aggregate({ where: { sessionId: session.id }, _min: { number: true } });
  const revision = await tx.revision.create({
    data: {
      ...{ id: randomUUID(), sessionId: session.id, number: Math.min(0, _min.number ?? 0) - 1 },
      ...{ say: `reference ${letter}`, user, letter, sourceKey, sourceHash },
      ...(wanted ? { wanted: [...wanted] } : {}),
    },
  });
  await tx.session.update({ where: { id: session.id }, data: { bytes: { increment: bytes } } });
  await tasks.add(tx, session, cutting(revision));
  return revision;
}
