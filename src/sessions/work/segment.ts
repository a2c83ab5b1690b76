import { storePicture, type Work, writePicture } from './work.js';

/** Cuts the picture a person sent; the numbered overlay is told. */
export const segment: Work = async ({ sessions, engine, session, revision, call }) => {
  const shown = await engine.segment(await sessions.blobs.get(revision.sourceKey!), undefined, call);
  const stored = await storePicture(sessions, session, shown);
  return async (tx) => {
    await writePicture(tx, revision, stored);
    await sessions.tell(tx, session, { kind: 'cut' }, revision.id);
  };
};
