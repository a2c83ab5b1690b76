import { shortened } from '../limits.js';

/** No message of ours pings anybody, whatever is in it. */
export const silent = { allowedMentions: { parse: [] } } as const;

/** Discord's limit for a message's text. */
export const MAX_TEXT = 2000;

/**
 * Plain text as Discord shows it unchanged. Names and prompts are written by anyone, so nothing in them may format,
 * mention or link under another name; addresses stay clickable. Pings are off in `allowed_mentions` besides.
 */
export function escapeText(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>]+)/)
    .map((part, i) =>
      i % 2 === 1
        ? part
        : part
            .replace(/[\\*_~`|<>[\]]/g, '\\$&')
            .replace(/^([ \t]*)(#{1,3}|-#|[-+])(?=\s)/gm, '$1\\$2')
            .replace(/@(everyone|here)/g, '@\u200b$1'),
    )
    .join('');
}

/** Escaped text cut to `max`: neither a character nor an escape is halved. */
export function cutEscaped(text: string, max: number): string {
  const head = shortened(text, max);
  if (head === text) return text;
  const slashes = /\\*$/.exec(head.slice(0, -1))![0].length;
  return slashes % 2 === 1 ? `${head.slice(0, -2)}…` : head;
}
