import { download } from '../download.js';
import { FETCH_TIMEOUT, MAX_PICTURE } from '../limits.js';

/** Where Discord keeps attachments; nothing else is ever asked for a file. */
export const discordHosts = ['cdn.discordapp.com', 'media.discordapp.net'] as const;

/** An attachment's bytes, at once: its address expires. Redirects are refused; Discord's CDN sends none. */
export const fetchAttachment = (
  attachment: { readonly url: string },
  allowedHosts: readonly string[],
): Promise<Uint8Array> =>
  download(attachment.url, { allowedHosts, maxBytes: MAX_PICTURE, timeoutMs: FETCH_TIMEOUT });
