import { itemsAfter, keepsNumbers } from '../../engine/edits/index.js';
import { relearned } from '../learning.js';
import { itemsOf, Status } from '../sessions.js';
import { editOf } from '../storedEdit.js';
import { tellStrip } from './strip.js';
import { sceneOf, storePicture, type Work, writePicture } from './work.js';

/** Makes a revision's picture out of its parent's, with what was learned of the items if anything was. */
export const edit: Work = async ({ sessions, engine, session, revision, call }) => {
  const { blobs, prisma } = sessions;
  const parent = await prisma.revision.findUniqueOrThrow({ where: { id: revision.parentId! } });
  const learned = session.learnedKey ? await blobs.get(session.learnedKey) : undefined;
  const scene = { ...(await sceneOf(sessions, parent)), learned };
  const what = await editOf(blobs, revision);
  const shown = await engine.edit(scene, what, revision.options as never, call);
  const stored = await storePicture(sessions, session, shown);
  return async (tx) => {
    // what was learned of its parent's items while it was drawn
    const above = itemsOf(await tx.revision.findUniqueOrThrow({ where: { id: parent.id } }));
    const from = itemsAfter([...above.keys()], what) ?? [];
    const items = relearned(shown.items, { before: scene.items, after: above }, from) ?? shown.items;
    await writePicture(tx, revision, { ...stored, data: { ...stored.data, items: items as never } });
    if (revision.stripId) return await tellStrip(sessions, tx, session, revision);
    await sessions.tell(tx, session, { kind: 'result' }, revision.id);
    const follows = await tx.revision.count({ where: { parentId: revision.id, status: Status.PENDING } });
    if (follows === 0 && !keepsNumbers(what))
      await sessions.tell(tx, session, { kind: 'numbers' }, revision.id);
  };
};
