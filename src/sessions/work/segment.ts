import { storePicture, type Work } from './work.js';

/** Cuts the picture a person sent; the numbered overlay is told. */
export const segment: Work = async ({ sessions, engine, session, revision, call }) => {
  const shown = await engine.segment(await sessions.blobs.get(revision.sourceKey!), undefined, call);
  const data = await storePicture(sessions, session, shown);
  return async (tx) => {
    await tx.revision.update({ where: { id: revision.id }, data });
    await sessions.tell(tx, session, { kind: 'cut' }, revision.id);
  };
};
