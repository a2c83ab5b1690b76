import { DiscordAPIError, HTTPError } from 'discord.js';
import type { Logger } from 'pino';

/** What of a logger is used here. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>;

/**
 * An error as it may be logged. discord.js hangs the whole request on its errors: pictures, what people wrote, and in
 * the address an interaction's token.
 */
export function loggable(error: unknown): object {
  if (error instanceof DiscordAPIError || error instanceof HTTPError)
    return {
      type: error.name,
      message: error.message,
      status: error.status,
      ...('code' in error && { code: error.code }),
      method: error.method,
      path: new URL(error.url).pathname.replace(/\/(webhooks|interactions)\/(\d+)\/[^/]+/, '/$1/$2/…'),
    };
  if (error instanceof Error) return { type: error.name, message: error.message, stack: error.stack };
  return { message: String(error) };
}
