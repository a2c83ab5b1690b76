import type { ServerResponse } from 'node:http';
import { beginEvents, HttpRefusal } from './http.js';
import { Slots } from './slots.js';

const KEEP_ALIVE = 15_000;
/** What a listener may leave unread before it is let go; it asks again and catches up. */
const MOST_UNREAD = 4 * 1024 * 1024;
/** Streams at once: for one browser, and for all. */
const STREAMS = [8, 1000] as const;
/** Of one address: a cookie more is no way around the limit of a browser. */
const STREAMS_AT_AN_ADDRESS = 32;

/** Pages that listen to their threads, each over a stream of Server-Sent Events. */
export class Listeners {
  readonly #of = new Map<string, Set<ServerResponse>>();
  readonly #slots = new Slots(...STREAMS);
  readonly #addresses = new Slots(STREAMS_AT_AN_ADDRESS, STREAMS[1]);
  #timer: NodeJS.Timeout | undefined;

  start(): void {
    this.#timer = setInterval(() => {
      for (const thread of this.#of.keys()) this.#write(thread, ': \n\n');
    }, KEEP_ALIVE);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @throws 429 when the visitor, or the address, has too many streams open already */
  add(thread: string, visitor: string, address: string, response: ServerResponse): void {
    if (response.destroyed) return; // gone while it was looked up
    const mine = this.#slots.take(visitor);
    const here = mine && this.#addresses.take(address);
    if (!here) {
      mine?.();
      throw new HttpRefusal(429, 'this page is open too often: close some of its tabs');
    }
    const listeners = this.#of.get(thread) ?? new Set();
    this.#of.set(thread, listeners.add(response));
    response.once('close', () => {
      mine();
      here();
      listeners.delete(response);
      if (listeners.size === 0 && this.#of.get(thread) === listeners) this.#of.delete(thread);
    });
    beginEvents(response);
  }

  tell(thread: string, event: 'reply' | 'work', data: unknown): void {
    this.#write(thread, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  #write(thread: string, text: string): void {
    for (const response of this.#of.get(thread) ?? []) {
      response.write(text);
      if (response.writableLength > MOST_UNREAD) response.destroy();
    }
  }
}
