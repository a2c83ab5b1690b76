import { ask } from './api.js';
import * as s from './state.js';
import { sayOutline } from './talk.js';

/** Where an outline comes from and where it goes: a thread of one's own, or the thread of a link that was signed. */

/** What is said when a link's outline has been sent. */
export interface Finished {
  readonly text: string;
  readonly href?: string;
  readonly label?: string;
}

/** Address of the label map in full size. */
export const sourceOf = (revision: string | undefined): string =>
  s.place.peek().kind === 'mask' ? `${s.base.peek()}/labels` : s.address(revision!, 'labels');

interface Drawn {
  readonly item: number;
  readonly png: Blob;
  /** Width of the soft band around it in pixels; 0 leaves it as it is. */
  readonly feather: number;
  readonly revision: string | undefined;
}

/** @returns what to say in the place of the tools; undefined when the thread itself says it @throws Refused */
export async function deliver({ item, png, feather, revision }: Drawn): Promise<Finished | undefined> {
  const place = s.place.peek();
  const edge = feather > 0 ? `edge ${feather}, then ` : '';
  if (place.kind === 'thread') {
    await sayOutline(`${edge}${item === s.NEW ? 'new item' : `reshape ${item + 1}`}`, revision!, png);
    s.outlining.value = undefined;
    return undefined;
  }
  const task = s.task.peek()!;
  const query = new URLSearchParams({ of: task.revision, ...(feather > 0 ? { edge: String(feather) } : {}) });
  await ask(`${s.base.peek()}?${query}`, {
    method: 'POST',
    headers: { 'Content-Type': 'image/png' },
    body: png,
  });
  const until = new Date(task.expires * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return {
    text: `Sent. The new picture comes in the thread; this link works until ${until}.`,
    ...(task.back ? { href: task.back.url, label: task.back.label } : {}),
  };
}
