import { storePicture, type Work, writePicture } from './work.js';

/** Cuts the picture a person sent; the numbered overlay is told. */
export const segment: Work = async ({ sessions, engine, session, revision, call }) => {
  const { letter } = revision;
  const source = await sessions.blobs.get(revision.sourceKey!);
  const words = (revision.wanted ?? []) as string[];
  const how = { ...(letter ? { letter } : {}), ...(words.length > 0 ? { words } : {}) };
  const shown = await engine.segment(source, how, call);
  const stored = await storePicture(sessions, session, shown);
  return async (tx) => {
    await writePicture(tx, revision, stored);
    if (letter && sessions.learning.mode === 'eager') await sessions.learning.join(tx, session, revision);
    const remarks = shown.remarks?.map(({ text, fault }) => (fault ? `${text}: ${fault}` : text));
    const notice = { kind: letter ? 'reference' : 'cut', ...(remarks ? { remarks } : {}) } as const;
    await sessions.tell(tx, session, notice, revision.id);
  };
};
