import type { WebClient } from '@slack/web-api';
import { escape } from './render.js';

const TIMEOUT = 10_000;

/** Where one person can be told something that the others need not read. */
export interface Ear {
  readonly channel: string;
  readonly user: string;
  readonly thread_ts?: string | undefined;
  /** The `response_url` of what they did: works for half an hour, also in channels the bot is not in. */
  readonly respond?: string | undefined;
}

async function respond(address: string, text: string): Promise<void> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ response_type: 'ephemeral', replace_original: false, text }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!response.ok) throw new Error(`Slack did not take the response (status ${response.status})`);
}

/**
 * Says something to one person: where they are if Slack lets us, else in a direct message.
 * @throws when they cannot be reached at all
 */
export async function whisper(client: WebClient, ear: Ear, plain: string): Promise<void> {
  const text = escape(plain).slice(0, 3000);
  const { channel, user, thread_ts } = ear;
  const ways = [
    ...(ear.respond ? [() => respond(ear.respond!, text)] : []),
    () => client.chat.postEphemeral({ channel, user, text, ...(thread_ts ? { thread_ts } : {}) }),
    // a person's id in place of a channel is the direct message with them (docs of chat.postMessage)
    () => client.chat.postMessage({ channel: user, text }),
  ];
  let last: unknown;
  for (const way of ways) {
    try {
      await way();
      return;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
