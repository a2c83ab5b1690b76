import { storePicture, type Work, writePicture } from './work.js';

/** Cuts the picture a person sent; the numbered overlay is told. */
export const segment: Work = async ({ sessions, engine, session, revision, call }) => {
  const { letter } = revision;
  const source = await sessions.blobs.get(revision.sourceKey!);
  const shown = await engine.segment(source, letter ? { letter } : {}, call);
  const stored = await storePicture(sessions, session, shown);
  return async (tx) => {
    await writePicture(tx, revision, stored);
    if (letter && sessions.learning.mode === 'eager') await sessions.learning.join(tx, session, revision);
    await sessions.tell(tx, session, { kind: letter ? 'reference' : 'cut' }, revision.id);
  };
};
