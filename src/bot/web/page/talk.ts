import { batch } from '@preact/signals';
import type { ShownReply, ThreadState, Work } from '../wire.js';
import { ask, Refused, tell, upload } from './api.js';
import * as s from './state.js';

/** What the page says to its server, and what it hears. */

const MOST_BYTES = 25 * 1024 * 1024;
const RETRY = 3000;

let stream: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
/** Which reading of the thread is the newest: an older answer that comes later is dropped. */
let reading = 0;

/** @throws Refused when the thread is not there */
export async function enter(place: Exclude<s.Place, { kind: 'gallery' }>): Promise<void> {
  const same = s.place.peek();
  if (same.kind === place.kind && same.base === place.base) return;
  leave(s.local.peek() !== undefined);
  s.place.value = place;
  await refresh();
  if (place.kind === 'thread' && !place.readOnly && s.place.peek() === place) listen(place);
}

export function leave(keepsLocal = false): void {
  clearTimeout(retry);
  stream?.close();
  stream = undefined;
  reading++;
  batch(() => {
    s.place.value = { kind: 'gallery' };
    s.replies.value = s.pending.value = s.history.value = [];
    s.chosen.value = s.peeked.value = s.work.value = s.labels.value = s.asking.value = undefined;
    s.outlining.value = s.held.value = s.hovered.value = s.view.value = undefined;
    s.selected.value = [];
    s.learning.value = s.boxed.value = undefined;
    s.asks.value = s.picking.value = false;
    s.title.value = s.share.value = null;
    s.checkpoint.value = '';
    s.lost.value = s.adding.value = false;
    s.trouble.value = '';
    if (!keepsLocal) s.local.value = undefined;
  });
}

/** Reads the thread anew. */
export async function refresh(): Promise<void> {
  const place = s.place.peek();
  if (place.kind !== 'thread') return;
  const mine = ++reading;
  const state = await ask<ThreadState>(place.base);
  if (mine !== reading || s.place.peek() !== place) return;
  batch(() => {
    const before = s.standing.peek()?.id;
    s.history.value = state.history;
    s.learning.value = state.learning;
    s.asks.value = state.asks;
    s.title.value = state.title;
    s.checkpoint.value = state.checkpoint;
    s.share.value = state.share;
    s.replies.value = state.replies;
    const said = new Set(state.replies.map((reply) => reply.said));
    s.pending.value = s.pending.peek().filter(({ id }) => ![...said].some((event) => event?.endsWith(id)));
    if (!s.busy.value) s.work.value = undefined;
    const now = s.standing.value;
    if (now && now.id !== before) {
      s.chosen.value = s.peeked.value = undefined;
      if (before) s.announced.value = `${now.say}: done`;
    }
    if (now) s.local.value = undefined;
  });
}

function listen(place: s.Place & { kind: 'thread' }): void {
  stream?.close();
  stream = new EventSource(`${place.base}/events`);
  stream.addEventListener('reply', (event: MessageEvent<string>) =>
    hear(JSON.parse(event.data) as ShownReply),
  );
  stream.addEventListener('work', (event: MessageEvent<string>) => {
    s.work.value = (JSON.parse(event.data) as Work | null) ?? undefined;
    if (!s.work.value || !s.busy.peek()) quietly();
  });
  stream.addEventListener('open', () => {
    s.lost.value = false;
    quietly(); // after a break the page catches up with what it missed
  });
  stream.addEventListener('error', () => {
    s.lost.value = true;
    // browsers come back by themselves, unless they were refused
    if (stream?.readyState !== EventSource.CLOSED) return;
    retry = setTimeout(() => s.place.peek() === place && listen(place), RETRY);
  });
}

/** What was heard is shown at once; the tree it changed is read after it. */
function hear(reply: ShownReply): void {
  // the same message told again is another picture in its place
  const known = s.replies.peek().some(({ id }) => id === reply.id);
  s.replies.value = known
    ? s.replies.peek().map((one) => (one.id === reply.id ? reply : one))
    : [...s.replies.peek(), reply];
  if (reply.said) s.pending.value = s.pending.peek().filter(({ id }) => !reply.said!.endsWith(id));
  quietly();
}

let waiting = false;
/** Several things heard at once are read once. */
export function quietly(): void {
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    void refresh().catch((error: unknown) => {
      if (error instanceof Refused && error.status === 404 && s.history.peek().length > 0) gone();
    });
  }, 30);
}

/** The thread was forgotten. */
function gone(): void {
  const last = s.replies.peek().at(-1);
  leave();
  s.trouble.value = last?.kind === 'note' ? last.text : 'Forgotten.';
  globalThis.history.replaceState(null, '', '/');
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** The bot's message about a picture: words that answer it apply there. */
const messageOf = (revision: string): string | undefined =>
  s.replies.peek().findLast((reply) => reply.revision === revision && reply.kind !== 'said')?.id;

/** Says something in the thread, as if it had been typed. */
async function say(text: string): Promise<void> {
  const words = text.trim();
  const place = s.place.peek();
  if (!words || place.kind !== 'thread' || place.readOnly) return;
  const id = crypto.randomUUID();
  const on = s.chosen.peek();
  const replyTo = on && on !== s.standing.peek()?.id ? messageOf(on) : undefined;
  await send(id, words, () =>
    tell(`${place.base}/messages`, { id, text: words, ...(replyTo ? { replyTo } : {}) }),
  );
}

/** Says words that go with an outline drawn on the picture, which stays in its editor until they have arrived. @throws Refused */
export async function sayOutline(words: string, revision: string, png: Blob): Promise<void> {
  const id = crypto.randomUUID();
  const query = new URLSearchParams({ say: words, id });
  await send(id, words, () =>
    ask(s.address(revision, `mask?${query}`), {
      method: 'POST',
      headers: { 'Content-Type': 'image/png' },
      body: png,
    }),
  ).catch((error: unknown) => {
    takeBack(id);
    throw error;
  });
}

async function send(id: string, text: string, request: () => Promise<unknown>): Promise<void> {
  takeBack(id);
  s.pending.value = [...s.pending.peek(), { id, text }];
  s.asking.value = undefined;
  s.announced.value = text;
  try {
    await request();
    quietly();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    // with the same id: what arrived all the same is not done twice
    const failed = { why, again: () => void send(id, text, request).catch(() => {}) };
    s.pending.value = s.pending.peek().map((one) => (one.id === id ? { ...one, failed } : one));
    throw error;
  }
}

/** Words that did not arrive are no longer meant to. */
export function takeBack(id: string): void {
  s.pending.value = s.pending.peek().filter((one) => one.id !== id);
}

/** As `say`, where a failure is told beside the words and nowhere else. */
export const saying = (text: string): void => void say(text).catch(() => {});

/** Why a file is not sent. */
function refusalOf(file: Blob): string | undefined {
  if (file.type && !file.type.startsWith('image/'))
    return 'This is not a picture: send a JPEG, PNG, WebP or GIF.';
  return file.size > MOST_BYTES
    ? `This picture has ${Math.ceil(file.size / 2 ** 20)} MiB: at most 25 fit.`
    : undefined;
}

/** Sends a picture whose items may be used in this thread. */
export async function addReference(file: Blob): Promise<void> {
  const refusal = refusalOf(file);
  if (refusal) return complain(refusal);
  try {
    await upload(`${s.base.peek()}/references`, file, () => {});
    s.announced.value = 'The reference picture is being cut.';
    quietly();
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
  }
}

/** Begins a thread with a picture. */
export async function begin(file: Blob): Promise<void> {
  const refusal = refusalOf(file);
  if (refusal) return complain(refusal);
  const src = URL.createObjectURL(file);
  leave();
  s.local.value = { src, sent: 0 };
  try {
    const items = s.wanted.peek().trim();
    const query = items ? `?${new URLSearchParams({ items })}` : '';
    const { thread } = await upload<{ thread: string }>(`/api/threads${query}`, file, (sent) => {
      s.local.value = { src, sent };
    });
    s.wanted.value = '';
    globalThis.history.pushState(null, '', `/#${thread}`);
    await enter(threadPlace(thread));
  } catch (error) {
    leave();
    complain(error instanceof Error ? error.message : String(error));
  } finally {
    setTimeout(() => URL.revokeObjectURL(src), 60_000);
  }
}

export const threadPlace = (thread: string) =>
  ({ kind: 'thread', thread, base: `/api/threads/${thread}`, readOnly: false }) as const;

function complain(text: string): void {
  s.trouble.value = text;
  s.announced.value = text;
}

export async function setShared(on: boolean): Promise<void> {
  const { share } = await tell<{ share: string | null }>(`${s.base.peek()}/share`, { on });
  s.share.value = share;
}

export async function setTitle(thread: string, text: string): Promise<void> {
  await tell(`/api/threads/${thread}/title`, { title: text });
  if (s.base.peek().endsWith(thread)) s.title.value = text.trim() || null;
}
