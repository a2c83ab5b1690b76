import { type Revision, Status, type Task } from '../sessions/sessions.js';

/** "1 grass, 2 dog, 3 ball". */
export const describeItems = (items: readonly { readonly name: string }[]): string =>
  items.map(({ name }, i) => `${i + 1} ${name}`).join(', ');

/** The tree of pictures, a line each; the current one is marked. */
export function describeHistory(revisions: readonly Revision[], headId: string | undefined): string {
  const depth = (revision: Revision): number => {
    const parent = revisions.find(({ id }) => id === revision.parentId);
    if (!parent) return 0;
    // a line of edits stays flush; only a branch steps in
    const siblings = revisions.filter(({ parentId }) => parentId === parent.id);
    return depth(parent) + (siblings.length > 1 ? 1 : 0);
  };
  return revisions
    .map((revision) => {
      const mark = revision.id === headId ? '→' : ' ';
      const state = revision.status === Status.DONE ? '' : ` (${revision.status.toLowerCase()})`;
      return `${mark} ${'  '.repeat(depth(revision))}${revision.number}: ${revision.say}${state}`;
    })
    .join('\n');
}

/** What goes on in this thread, and how much is ahead of it elsewhere. */
export function describeStatus(
  learning: Task | undefined,
  unfinished: readonly Revision[],
  elsewhere: number,
): string {
  const lines: string[] = [];
  if (learning?.status === Status.RUNNING) lines.push('Learning the items.');
  if (learning?.status === Status.PENDING) lines.push('The items wait to be learned.');
  if (learning?.status === Status.FAILED)
    lines.push(`Learning the items failed (${learning.error ?? 'no reason known'}): edits go without it.`);
  for (const { say, status } of unfinished)
    lines.push(status === Status.RUNNING ? `Working on "${say}".` : `Waiting: "${say}".`);
  if (lines.length === 0) lines.push('Nothing waits here: say what to change.');
  else if (elsewhere > 0)
    lines.push(`${elsewhere} other ${elsewhere === 1 ? 'job is' : 'jobs are'} in the queue.`);
  return lines.join('\n');
}
