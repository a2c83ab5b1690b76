import type { EditOptions } from '../../engine/editor.js';
import type { Prisma } from '../prisma/client.js';
import { editOf } from '../storedEdit.js';
import { sceneOf, storePicture, type Work } from './work.js';

/**
 * Draws the draft of a revision finer, with what was learned, where the checkpoint can. The revision stays what it is,
 * its number and its items too; the finer picture takes the place of the draft, which is kept. Nothing of it is stored
 * once the person has gone on, and nobody is told of a refinement that there is not, unless they asked for one.
 */
export const refine: Work = async ({ sessions, engine, session, revision, call }) => {
  const { blobs, prisma } = sessions;
  const { learnedKey } = session;
  if (!learnedKey || !(await sessions.isStanding(prisma, revision))) return async () => {};
  const parent = await prisma.revision.findUniqueOrThrow({ where: { id: revision.parentId! } });
  const before = { ...(await sceneOf(sessions, parent)), learned: await blobs.get(learnedKey) };
  const options = revision.options as Partial<EditOptions>;
  const what = await editOf(blobs, revision);
  const finer = await engine.refine(before, what, await sceneOf(sessions, revision), options, call);
  if (!finer) {
    const text = `"${revision.say}" stays as it is: drawn anew by this checkpoint it would be no better.`;
    return async (tx) => {
      if (options.redraw) await sessions.tell(tx, session, { kind: 'words', as: 'note', text }, revision.id);
    };
  }
  const { data, bytes } = await storePicture(sessions, session, finer);
  return async (tx) => {
    if (!(await sessions.isStanding(tx, revision))) return;
    const { pictureKey, overlayKey } = data;
    const finerKeys: Prisma.RevisionUpdateInput = { pictureKey, overlayKey, draftKey: revision.pictureKey };
    await tx.revision.update({ where: { id: revision.id }, data: finerKeys });
    await tx.session.update({ where: { id: session.id }, data: { bytes: { increment: bytes } } });
    await sessions.tell(tx, session, { kind: 'refined' }, revision.id);
  };
};
