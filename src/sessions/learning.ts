import { type Edit, type Item, itemsAfter } from '../engine/edits/index.js';
import { type Prisma, type Revision, type Session, Status, type Task, TaskKind } from './prisma/client.js';
import type { Tasks } from './tasks.js';
import { Tree } from './tree.js';

type Tx = Prisma.TransactionClient;

/** How long a picture's items wait to be looked over before they are learned by themselves, in ms. */
export const LOOKED_OVER = 15 * 60_000;

/** Whether the items are still to be looked over: a word begins it, the first edit, or that nobody says anything. */
export const awaitsWord = ({ status, attempts, notBefore }: Task, now: Date): boolean =>
  status === Status.PENDING && attempts === 0 && notBefore !== null && notBefore > now;

/** Tasks that wait for an engine, and for nobody's word. */
export const owedAt = (now: Date) =>
  ({
    OR: [
      { kind: { not: TaskKind.learn } },
      { notBefore: null },
      { notBefore: { lte: now } },
      { attempts: { gt: 0 } },
    ],
  }) satisfies Prisma.TaskWhereInput;

/** When a picture's items are learned, and which picture's: the one whose items people found right. */
export class Learning {
  /**
   * @param mode eager: once the items were looked over; lazy: when an edit first needs it
   * @param patience how long eager learning waits for a word, in ms
   */
  constructor(
    private readonly tasks: Tasks,
    readonly mode: 'eager' | 'lazy' = 'eager',
    private readonly patience = LOOKED_OVER,
  ) {}

  /** A picture came. */
  async await(tx: Tx, session: Session, root: Pick<Revision, 'id'>, now: Date): Promise<void> {
    if (this.mode === 'lazy') return;
    const notBefore = this.patience > 0 ? new Date(now.getTime() + this.patience) : undefined;
    const task = { kind: TaskKind.learn, revisionId: root.id, ...(notBefore ? { notBefore } : {}) };
    await this.tasks.add(tx, session, task);
  }

  /**
   * Sees to it that the items are learned, if nobody has yet; what failed or was cancelled is not tried again.
   * @param on whose items; it may still be drawn
   * @returns whether it begins with this
   */
  async begin(tx: Tx, session: Session, on: Pick<Revision, 'id'>, now: Date): Promise<boolean> {
    const task = await new Tree(tx, session.id).learning();
    if (!task) {
      await this.tasks.add(tx, session, { kind: TaskKind.learn, revisionId: on.id });
      return true;
    }
    if (!awaitsWord(task, now)) return false;
    await tx.task.update({ where: { id: task.id }, data: { notBefore: null, revisionId: on.id } });
    return true;
  }

  /** A reference is learned with the picture; when that has begun before it came, it goes on with the reference. */
  async join(tx: Tx, session: Session, reference: Revision): Promise<void> {
    const [first] = (reference.items ?? []) as unknown as Item[];
    const task = await new Tree(tx, session.id).learning();
    // what still waits to be learned takes the reference along
    if (
      first?.prompt.kind === 'learned' ||
      !task ||
      (task.status !== Status.DONE && task.status !== Status.RUNNING)
    )
      return;
    const kind = TaskKind.learn;
    if (await tx.task.findUnique({ where: { revisionId_kind: { revisionId: reference.id, kind } } })) return;
    await this.tasks.add(tx, session, { kind, revisionId: reference.id });
  }
}

/** What became of items by learning: `[i]` is item i of the picture that was learned. */
interface Learned {
  readonly before: readonly Item[];
  readonly after: readonly Item[];
}

/**
 * Items that listen to what was learned of the items they come from, unless they were given other words since.
 * @param from `from[i]` is the learned picture's item that item i comes from; undefined where there is none
 * @returns undefined when nothing changes
 */
export function relearned(
  items: readonly Item[],
  { before, after }: Learned,
  from: readonly (number | undefined)[],
): Item[] | undefined {
  let changed = false;
  const now = items.map((item, i) => {
    const [was, is] = [before[from[i] ?? -1], after[from[i] ?? -1]];
    const follows =
      was?.prompt.kind === 'text' && item.prompt.kind === 'text' && was.prompt.text === item.prompt.text;
    if (!follows || is?.prompt.kind !== 'learned') return item;
    changed = true;
    return { ...item, prompt: is.prompt };
  });
  return changed ? now : undefined;
}

/** For each revision of the tree, which of one revision's items its own come from. */
export function descentFrom(
  revisions: readonly Revision[],
  of: Revision,
): ReadonlyMap<string, readonly (number | undefined)[]> {
  const numbers = (revision: Revision): number[] => ((revision.items ?? []) as unknown[]).map((_, i) => i);
  const known = new Map<string, readonly (number | undefined)[]>([[of.id, numbers(of)]]);
  const byId = new Map(revisions.map((revision) => [revision.id, revision]));
  // up to the picture as it came, then down every branch: parents have lower numbers than their children
  for (let at: Revision | undefined = of; at?.parentId; at = byId.get(at.parentId)) {
    const [parent, mine] = [byId.get(at.parentId), known.get(at.id)!];
    const kept = parent && itemsAfter(numbers(parent), at.edit as unknown as Edit);
    if (!kept) break;
    known.set(
      parent.id,
      numbers(parent).map((item) => mine[kept.indexOf(item)]),
    );
  }
  for (const revision of revisions) {
    const above = revision.parentId ? known.get(revision.parentId) : undefined;
    if (known.has(revision.id) || !above || !revision.edit) continue;
    const mine = itemsAfter(above, revision.edit as unknown as Edit);
    if (mine) known.set(revision.id, mine);
  }
  return known;
}
