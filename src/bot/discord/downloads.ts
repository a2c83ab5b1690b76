import { download } from '../download.js';

/** Where Discord keeps attachments; nothing else is ever asked for a file. */
export const discordHosts = ['cdn.discordapp.com', 'media.discordapp.net'] as const;

const MAX_BYTES = 25 * 2 ** 20;
const TIMEOUT_MS = 20_000;

/** An attachment's bytes, at once: its address expires. Redirects are refused; Discord's CDN sends none. */
export const fetchAttachment = (
  attachment: { readonly url: string },
  allowedHosts: readonly string[],
): Promise<Uint8Array> =>
  download(attachment.url, { allowedHosts, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS });
