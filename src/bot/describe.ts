import type { StepsTaken } from '../engine/engine.js';
import { awaitsWord } from '../sessions/learning.js';
import { type Revision, Status, type Task } from '../sessions/sessions.js';

/** "1 grass, 2 dog, 3 ball". */
export const describeItems = (items: readonly { readonly name: string }[]): string =>
  items.map(({ name }, i) => `${i + 1} ${name}`).join(', ');

/** What is said of a picture where the checkpoint could not draw well what was asked for. */
export const ROUGH =
  'This is a rough drawing: the checkpoint here cannot draw into a picture like this. One that can comes with "dedit pull sd15", on the machine dedit runs on.';

/** How long learning took. */
export const learnedIn = ({ taken, of }: StepsTaken): string =>
  taken < of ? `learned in ${taken} of ${of} steps, more would not have helped` : `learned in ${of} steps`;

/** A reply has so many lines at most. */
const MOST_LINES = 100;
const MOST_STEPS = 20;

/** The tree of pictures, a line each, the newest of many; the current one is marked. Parents come before children. */
export function describeHistory(revisions: readonly Revision[], headId: string | undefined): string {
  const children = new Map<string, number>();
  for (const { parentId } of revisions)
    if (parentId) children.set(parentId, (children.get(parentId) ?? 0) + 1);
  const depths = new Map<string, number>();
  const lines = revisions.map((revision) => {
    const { id, parentId, number, say, status } = revision;
    // a line of edits stays flush; only a branch steps in
    const depth = parentId ? (depths.get(parentId) ?? 0) + Number((children.get(parentId) ?? 0) > 1) : 0;
    depths.set(id, depth);
    const mark = id === headId ? '→' : ' ';
    const state = status === Status.DONE ? '' : ` (${status.toLowerCase()})`;
    return `${mark} ${'  '.repeat(Math.min(depth, MOST_STEPS))}${number}: ${say}${state}`;
  });
  const earlier = lines.length - MOST_LINES;
  return (earlier > 0 ? [`  (${earlier} earlier)`, ...lines.slice(earlier)] : lines).join('\n');
}

/** What goes on in this thread, and how much is ahead of it elsewhere. */
export function describeStatus(
  learning: Task | undefined,
  unfinished: readonly Revision[],
  elsewhere: number,
  now: Date,
  learned?: StepsTaken,
): string {
  const lines: string[] = [];
  if (learning?.status === Status.RUNNING) lines.push('Learning the items.');
  if (learning && awaitsWord(learning, now))
    lines.push('The items are learned once you say what to change, or "go".');
  else if (learning?.status === Status.PENDING) lines.push('The items wait to be learned.');
  if (learning?.status === Status.FAILED)
    lines.push(`Learning the items failed (${learning.error ?? 'no reason known'}): edits go without it.`);
  for (const { say, status } of unfinished)
    lines.push(status === Status.RUNNING ? `Working on "${say}".` : `Waiting: "${say}".`);
  if (lines.length === 0) {
    if (learned) lines.push(`The items are ${learnedIn(learned)}.`);
    lines.push('Nothing waits here: say what to change.');
  } else if (elsewhere > 0)
    lines.push(`${elsewhere} other ${elsewhere === 1 ? 'job is' : 'jobs are'} in the queue.`);
  return lines.join('\n');
}
