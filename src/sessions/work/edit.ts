import {
  type Edit,
  isDrafted,
  isRefinable,
  itemsAfter,
  lettersOf,
  regroups,
} from '../../engine/edits/index.js';
import type { EditOptions } from '../../engine/editor.js';
import type { ShownScene, StoredScene } from '../../engine/engine.js';
import { relearned } from '../learning.js';
import { referencesOf } from '../references.js';
import { refineLater } from '../revising.js';
import { storable } from '../rows.js';
import { numberedLast } from '../said.js';
import { itemsOf, type Revision, type Session, type Sessions, Status, type Tx } from '../sessions.js';
import { editOf } from '../storedEdit.js';
import { tellStrip } from './strip.js';
import { endVariant, releaseVariants, reserveVariants } from './variants.js';
import { sceneOf, storePicture, type Work, writePicture } from './work.js';

/** The reference pictures that an edit takes something from. */
async function referencesIn(
  sessions: Sessions,
  session: Session,
  what: Edit,
): Promise<Record<string, StoredScene> | undefined> {
  const letters = lettersOf(what);
  if (letters.length === 0) return undefined;
  const rows = await referencesOf(sessions.prisma, session, letters);
  const scenes = rows.map(async (row) => [row.letter, await sceneOf(sessions, row)] as const);
  return Object.fromEntries(await Promise.all(scenes));
}

/** Makes a revision's picture out of its parent's, with what was learned of the items if anything was. */
export const edit: Work = async ({ sessions, engine, session, revision, call }) => {
  const { blobs, prisma } = sessions;
  const parent = await prisma.revision.findUniqueOrThrow({ where: { id: revision.parentId! } });
  const what = await editOf(blobs, revision);
  // which may be hundreds of megabytes, and only a checkpoint can do something with
  const { learnedKey } = session;
  const learned = learnedKey && !isDrafted(what) ? await blobs.get(learnedKey) : undefined;
  const references = await referencesIn(sessions, session, what);
  const scene = { ...(await sceneOf(sessions, parent)), learned, ...(references ? { references } : {}) };
  // the draft first, whatever is wanted of it later: nobody waits for learning who need not
  const options = { ...(revision.options as Partial<EditOptions>), redraw: 0 };
  // what the pixels answer is quick, and other workers may answer it meanwhile
  const others = isDrafted(what) ? [] : await reserveVariants(sessions, revision);
  try {
    const seeds = [revision, ...others].map((one) => (one.options as { seed: number }).seed);
    const all =
      others.length > 0
        ? await engine.variants(scene, what, options, seeds, call)
        : [await engine.edit(scene, what, options, call)];
    const stored = await Promise.all(all.map((shown) => storePicture(sessions, session, shown)));
    return async (tx) => {
      // what was learned of its parent's items while it was drawn
      const above = itemsOf(await tx.revision.findUniqueOrThrow({ where: { id: parent.id } }));
      const from = itemsAfter([...above.keys()], what) ?? [];
      for (const [i, one] of [revision, ...others].entries()) {
        if (i > 0 && !(await endVariant(sessions, tx, one))) continue;
        const { items: drawn } = all[i]!;
        const items = relearned(drawn, { before: scene.items, after: above }, from) ?? drawn;
        const { data, bytes } = stored[i]!;
        await writePicture(tx, one, { bytes, data: { ...data, items: storable(items) } });
      }
      if (revision.stripId) return await tellStrip(sessions, tx, session, revision);
      await tellResult(sessions, tx, { session, revision, what, shown: all[0]! });
    };
  } catch (error) {
    await releaseVariants(sessions, others);
    throw error;
  }
};

async function tellResult(
  sessions: Sessions,
  tx: Tx,
  { session, revision, what, shown }: { session: Session; revision: Revision; what: Edit; shown: ShownScene },
): Promise<void> {
  const flags = {
    ...(shown.rough ? { rough: true as const } : {}),
    ...(shown.blurred ? { blurred: true as const } : {}),
  };
  await sessions.tell(tx, session, { kind: 'result', ...flags }, revision.id);
  const follows = await tx.revision.count({ where: { parentId: revision.id, status: Status.PENDING } });
  if (follows === 0 && (regroups(what) || !(await isNumberedAs(tx, session, shown.items))))
    await sessions.tell(tx, session, { kind: 'numbers' }, revision.id);
  if (isRefinable(what)) await refineLater(sessions, tx, session, revision);
}

/** Whether the numbers that were shown last in the thread are of items that are called like these. */
async function isNumberedAs(tx: Tx, session: Session, items: ShownScene['items']): Promise<boolean> {
  const last = await numberedLast(tx, session);
  const before = last ? itemsOf(last) : [];
  return before.length === items.length && items.every(({ name }, i) => name === before[i]!.name);
}
