import type { Engine, EngineCall, ShownScene, StoredScene } from '../../engine/engine.js';
import type { Revision, Session } from '../prisma/client.js';
import { storable } from '../rows.js';
import { itemsOf, type Sessions, Status, type Tx } from '../sessions.js';

/** What one kind of task is done with. */
export interface Doing {
  readonly sessions: Sessions;
  readonly engine: Engine;
  readonly session: Session;
  readonly revision: Revision;
  readonly call: EngineCall;
}

/**
 * One kind of task: asks the engine, stores what it made among the blobs, and returns what its transaction is to write.
 * That is written only while the task is still this claim's, together with the task's end.
 */
export type Work = (doing: Doing) => Promise<(tx: Tx) => Promise<void>>;

/** The picture of a revision as the engine takes it. */
export async function sceneOf({ blobs }: Sessions, revision: Revision): Promise<StoredScene> {
  const { pictureKey, labelsKey, layersKey } = revision;
  const [picture, labels, layers] = await Promise.all([
    blobs.get(pictureKey!),
    blobs.get(labelsKey!),
    layersKey ? blobs.get(layersKey) : undefined,
  ]);
  return { picture, labels, items: itemsOf(revision), ...(layers ? { layers } : {}) };
}

/** Stores a picture's files and returns what its revision's row is to say of them. */
export async function storePicture({ blobs, now }: Sessions, session: Session, shown: ShownScene) {
  const { width, height, items, picture, labels, overlay, layers, rough, blurred } = shown;
  const files: Record<string, Uint8Array> = {
    ...{ 'picture.png': picture, 'labels.png': labels, 'overlay.png': overlay },
    ...(layers ? { layers } : {}),
  };
  const keys = await blobs.putAll(session.id, files);
  const bytes = Object.values(files).reduce((sum, file) => sum + file.byteLength, 0);
  const data = {
    ...{ status: Status.DONE, doneAt: now(), width, height, items: storable(items) },
    pictureKey: keys['picture.png']!,
    labelsKey: keys['labels.png']!,
    overlayKey: keys['overlay.png']!,
    layersKey: keys.layers ?? null,
    ...(rough || blurred ? { drawn: { rough: rough ?? false, blurred: blurred ?? false } } : {}),
  };
  return { data, bytes };
}

/** Writes what `storePicture` stored. */
export async function writePicture(
  tx: Tx,
  revision: Revision,
  { data, bytes }: Awaited<ReturnType<typeof storePicture>>,
): Promise<void> {
  await tx.revision.update({ where: { id: revision.id }, data });
  await tx.session.update({ where: { id: revision.sessionId }, data: { bytes: { increment: bytes } } });
}
