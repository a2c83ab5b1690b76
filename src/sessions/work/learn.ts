import { itemsOf } from '../sessions.js';
import { sceneOf, type Work } from './work.js';

const SEED = 42;

/** Learns a prompt for every item of the picture. Nothing is told: edits that wait for it are. */
export const learn: Work = async ({ sessions, engine, session, revision, call }) => {
  const { blobs } = sessions;
  const { items, learned } = await engine.associate(await sceneOf(sessions, revision), { seed: SEED }, call);
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
  };
};
