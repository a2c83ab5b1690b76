import type { ShownRevision } from '../wire.js';

/** Where a picture of the tree lies in the filmstrip: its place in the row, and the branch it belongs to. */
export interface Frame {
  readonly revision: ShownRevision;
  readonly column: number;
  readonly lane: number;
  /** Place of the picture it was made from. */
  readonly parent?: { readonly column: number; readonly lane: number };
}

/**
 * Pictures in the order in which they were made; the first that follows a picture stays on its lane, others branch off
 * to lanes of their own. What failed or was given up has no frame; what is in the making has.
 */
export function framesOf(history: readonly ShownRevision[]): Frame[] {
  const frames = new Map<string, Frame>();
  const taken = new Set<string>();
  const strips = new Map<string, number>();
  let lanes = 0;
  const kept = history.filter(({ status }) => status !== 'FAILED' && status !== 'CANCELLED');
  kept.forEach((revision, column) => {
    const parent = revision.parent ? frames.get(revision.parent) : undefined;
    const follows = parent && !taken.has(parent.revision.id);
    if (parent) taken.add(parent.revision.id);
    // pictures to choose from lie side by side
    const beside = revision.strip ? strips.get(revision.strip) : undefined;
    const lane = !parent ? 0 : (beside ?? (follows ? parent.lane : ++lanes));
    if (revision.strip) strips.set(revision.strip, lane);
    frames.set(revision.id, {
      ...{ revision, column, lane },
      ...(parent ? { parent: { column: parent.column, lane: parent.lane } } : {}),
    });
  });
  return [...frames.values()];
}
