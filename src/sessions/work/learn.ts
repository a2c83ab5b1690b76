import type { Item } from '../../engine/edits/index.js';
import { descentFrom, relearned } from '../learning.js';
import type { Revision, Session } from '../prisma/client.js';
import { referencesOf } from '../references.js';
import { storable } from '../rows.js';
import { itemsOf, Status, type Tx } from '../sessions.js';
import { sceneOf, type Work } from './work.js';

const SEED = 42;

/** Learns a prompt for every item of the picture. Nothing is told: edits that wait for it are. */
export const learn: Work = async ({ sessions, engine, session, revision, call }) => {
  const { blobs, prisma } = sessions;
  // with a reference that came later, what was learned goes on over all pictures
  const own = revision.letter ? await learnedBefore(prisma, session) : revision;
  const before = revision.letter && session.learnedKey ? await blobs.get(session.learnedKey) : undefined;
  const others = (await referencesOf(prisma, session)).filter(({ status }) => status === Status.DONE);
  const scene = await sceneOf(sessions, own);
  const references = others.map(async (row) => [row.letter, await sceneOf(sessions, row)] as const);
  const {
    items,
    learned,
    steps,
    references: theirs = {},
  } = await engine.associate(
    { ...scene, learned: before, references: Object.fromEntries(await Promise.all(references)) },
    { seed: SEED },
    call,
  );
  const learnedKey = await blobs.put(session.id, 'learned.safetensors', learned);
  return async (tx) => {
    await tx.session.update({
      where: { id: session.id },
      data: { learnedKey, learnedSteps: storable(steps), bytes: { increment: learned.byteLength } },
    });
    const kept = await listen(tx, own, items);
    for (const other of others) await listen(tx, other, theirs[other.letter] ?? itemsOf(other));
    await spread(tx, await sessions.tree(tx, session).all(), own, scene.items, kept);
  };
};

/** The picture whose items were learned, or are to be. */
async function learnedBefore({ task, revision }: Tx, { id }: Session): Promise<Revision> {
  const done = await task.findFirst({
    where: { sessionId: id, kind: 'learn', status: Status.DONE, revision: { letter: null } },
    include: { revision: true },
    orderBy: { createdAt: 'desc' },
  });
  return done?.revision ?? (await revision.findFirstOrThrow({ where: { sessionId: id, number: 0 } }));
}

/** A picture's items listen to what was learned of them; a name a person gave meanwhile stays. */
async function listen(tx: Tx, { id }: Revision, items: readonly Item[]): Promise<Item[]> {
  const names = itemsOf(await tx.revision.findUniqueOrThrow({ where: { id } }));
  const kept = items.map((item, i) => ({ ...item, name: names[i]?.name ?? item.name }));
  await tx.revision.update({ where: { id }, data: { items: storable(kept) } });
  return kept;
}

/** The same items on the session's other pictures listen to it, too. */
async function spread(
  tx: Tx,
  all: readonly Revision[],
  learned: Revision,
  before: readonly Item[],
  after: readonly Item[],
): Promise<void> {
  const descent = descentFrom(all, learned);
  for (const revision of all) {
    const from = descent.get(revision.id);
    if (!from || revision.id === learned.id || revision.status !== Status.DONE) continue;
    const items = relearned(itemsOf(revision), { before, after }, from);
    if (items) await tx.revision.update({ where: { id: revision.id }, data: { items: storable(items) } });
  }
}
