import { download } from '../download.js';
import { checkReadable } from '../firstBytes.js';
import { FETCH_TIMEOUT, MAX_PICTURE } from '../limits.js';

/** Where Discord keeps attachments; nothing else is ever asked for a file. */
export const discordHosts = ['cdn.discordapp.com', 'media.discordapp.net'] as const;

/**
 * An attachment's bytes, at once: its address expires. Redirects are refused; Discord's CDN sends none.
 * @throws UserError when it cannot be had, or is never going to be read
 */
export async function fetchAttachment(
  attachment: { readonly url: string },
  allowedHosts: readonly string[],
): Promise<Uint8Array> {
  const limits = { maxBytes: MAX_PICTURE, timeoutMs: FETCH_TIMEOUT };
  const bytes = await download(attachment.url, { allowedHosts, ...limits });
  checkReadable(bytes);
  return bytes;
}
