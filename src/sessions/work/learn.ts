import type { Item } from '../../engine/edits/index.js';
import { descentFrom, relearned } from '../learning.js';
import { itemsOf, Status, type Tx } from '../sessions.js';
import type { Revision } from '../prisma/client.js';
import { sceneOf, type Work } from './work.js';

const SEED = 42;

/** Learns a prompt for every item of the picture. Nothing is told: edits that wait for it are. */
export const learn: Work = async ({ sessions, engine, session, revision, call }) => {
  const { blobs } = sessions;
  const scene = await sceneOf(sessions, revision);
  const { items, learned } = await engine.associate(scene, { seed: SEED }, call);
  const learnedKey = await blobs.put(session.id, 'learned.safetensors', learned);
  return async (tx) => {
    await tx.session.update({
      where: { id: session.id },
      data: { learnedKey, bytes: { increment: learned.byteLength } },
    });
    // a name a person gave meanwhile stays
    const names = itemsOf(await tx.revision.findUniqueOrThrow({ where: { id: revision.id } }));
    const kept = items.map((item, i) => ({ ...item, name: names[i]?.name ?? item.name }));
    await tx.revision.update({ where: { id: revision.id }, data: { items: kept as never } });
    await spread(tx, await sessions.tree(tx, session).all(), revision, scene.items, kept);
  };
};

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
    if (items) await tx.revision.update({ where: { id: revision.id }, data: { items: items as never } });
  }
}
