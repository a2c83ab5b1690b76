import { batch, computed, effect, signal } from '@preact/signals';
import type { About, MaskTask, ShownReply, ShownRevision, Status, Work } from '../wire.js';
import type { Held } from './gestures.js';
import { type Labels, readLabels } from './labels.js';
import type { Point, Size, View } from './view.js';

/** Everything the page knows, as signals; nothing here draws and nothing here asks the server to change anything. */

/** One's own words on their way, before the thread tells them back. */
export interface Pending {
  readonly id: string;
  readonly text: string;
  /** Why they did not arrive, and the same words sent again. */
  readonly failed?: { readonly why: string; readonly again: () => void };
}

export const about = signal<About | undefined>(undefined);

/** What is on the screen: the gallery, or a thread, or the outline that a link asks for. */
export type Place =
  | { readonly kind: 'gallery' }
  | { readonly kind: 'thread'; readonly thread: string; readonly base: string; readonly readOnly: boolean }
  | { readonly kind: 'mask'; readonly base: string };
export const place = signal<Place>({ kind: 'gallery' });

export const replies = signal<readonly ShownReply[]>([]);
export const pending = signal<readonly Pending[]>([]);
export const history = signal<readonly ShownRevision[]>([]);
export const learning = signal<Status | undefined>(undefined);
/** Whether one is asked if these are the things to change. */
export const asks = signal(false);
export const title = signal<string | null>(null);
export const checkpoint = signal('');
export const share = signal<string | null>(null);
export const work = signal<Work | undefined>(undefined);
export const lost = signal(false);
/** The picture as it was chosen, until the server's is there. */
export const local = signal<{ readonly src: string; readonly sent: number } | undefined>(undefined);
/** What is to be among the items of the picture that is sent next: "dog, ball". */
export const wanted = signal('');
/** Said aloud to who does not see the page. */
export const announced = signal('');
/** A word about something that went wrong, where no thread is open. */
export const trouble = signal('');

/** The picture further words work on, when it is not the one the thread stands at. */
export const chosen = signal<string | undefined>(undefined);
/** A picture shown for as long as something is held or pointed at. */
export const peeked = signal<string | undefined>(undefined);

export const selected = signal<readonly number[]>([]);
export const hovered = signal<number | undefined>(undefined);
export const held = signal<Held | undefined>(undefined);
export const numbers = signal(true);
/** What a click does: selects one, or one more (where there is no shift key). */
export const adding = signal(false);
/** In place of an item that is still to be drawn. */
export const NEW = -1;
/** Whether an outline is being drawn, and whose. */
export const outlining = signal<{ readonly item: number } | undefined>(undefined);
/** Whether something that is no item yet is being pointed at, to become one. */
export const picking = signal(false);
/** The box that is drawn around it, on the stage. */
export const boxed = signal<{ readonly from: Point; readonly to: Point } | undefined>(undefined);
/** What of the floating bar is open. */
export const asking = signal<'replace' | 'make' | 'move' | 'rename' | 'more' | undefined>(undefined);

/** What a link to the outline of an item asks for. */
export const task = signal<MaskTask | undefined>(undefined);

export const room = signal<Size>({ width: 1, height: 1 });
export const view = signal<View | undefined>(undefined);

const find = (id: string | null | undefined): ShownRevision | undefined =>
  id ? history.value.find((revision) => revision.id === id) : undefined;

/** The finished picture that the thread stands at: the current one, or the nearest before it that is done. */
export const standing = computed<ShownRevision | undefined>(() => {
  let at = history.value.find(({ current }) => current);
  while (at && at.status !== 'DONE') at = find(at.parent);
  return at;
});
/** What the words, the selection and the outlines are about. */
export const subject = computed(() => find(chosen.value) ?? standing.value);
/** What is drawn. */
export const shown = computed(() => find(peeked.value) ?? subject.value);
export const parentOf = (revision: ShownRevision | undefined): ShownRevision | undefined => {
  let at = find(revision?.parent);
  while (at && at.status !== 'DONE') at = find(at.parent);
  return at;
};

export const readOnly = computed(() => place.value.kind === 'thread' && place.value.readOnly);
export const base = computed(() => (place.value.kind === 'gallery' ? '' : place.value.base));
export const address = (revision: string, what: string): string =>
  `${base.value}/revisions/${revision}/${what}${refined(revision) && !what.includes('?') ? '?refined' : ''}`;
/** A finer picture that took the place of another one has another address: a page shows it at once. */
const refined = (id: string): boolean => history.value.some((row) => row.id === id && row.refined);

const waits = ({ status }: { status: Status }): boolean => status === 'PENDING' || status === 'RUNNING';
/** Edits that wait or run, the picture being cut included. */
export const queue = computed(() => history.value.filter(waits));
export const cutting = computed(() => history.value[0] !== undefined && waits(history.value[0]));
export const refused = computed(() => ['FAILED', 'CANCELLED'].includes(history.value[0]?.status ?? ''));
export const learningNow = computed(
  () =>
    history.value[0]?.status === 'DONE' && learning.value !== undefined && waits({ status: learning.value }),
);
export const busy = computed(() => queue.value.length > 0 || learningNow.value);

/** The revision whose picture has come, and is what one sees. */
export const onScreen = signal<string | undefined>(undefined);

/** The outlines of the subject; the ones before stay until the new ones are read and their picture is on the screen. */
export const labels = signal<
  (Labels & { readonly of: string; readonly names: readonly string[] }) | undefined
>(undefined);
/** Outlines that were read, perhaps before their picture has come. */
const read = signal<(Labels & { readonly of: string }) | undefined>(undefined);
effect(() => {
  const of = subject.value?.id;
  if (place.value.kind !== 'thread' || !of) {
    if (place.value.kind !== 'mask') labels.value = undefined;
    onScreen.value = undefined;
    return;
  }
  if (labels.peek()?.of === of) return;
  void readLabels(address(of, 'map')).then(
    (map) => void (read.value = { ...map, of }),
    () => {}, // without outlines the picture still shows, and words still work
  );
});
effect(() => {
  const map = read.value;
  const revision = subject.peek();
  if (!map || map.of !== onScreen.value || map.of !== revision?.id) return;
  const before = labels.peek();
  if (before?.of === map.of) return;
  const added = revision.kind === 'mark' && revision.parent === before?.of;
  // where there are more or fewer items than before, a number means another one
  const same = before?.names.length === revision.items.length;
  batch(() => {
    labels.value = { ...map, names: revision.items };
    selected.value = same ? selected.peek().filter((item) => map.shapes[item]) : [];
    hovered.value = undefined;
    // what was pointed at is shown
    if (added) selected.value = [map.shapes.length - 1];
  });
});

export const names = computed(() => subject.value?.items ?? []);
/** Whether the outlines are those of the picture that words are about; else new ones are on their way. */
export const fresh = computed(() => labels.value !== undefined && labels.value.of === subject.value?.id);
/** As it is called on the picture whose outlines are drawn. */
export const nameOf = (item: number): string =>
  item === NEW
    ? 'a new item'
    : ((fresh.value ? names.value : (labels.value?.names ?? names.value))[item] ??
      task.value?.name ??
      'item');

/** Whether something that not every dedit can is understood here. */
export const can = (ability: string): boolean => about.value?.can.includes(ability) ?? false;
