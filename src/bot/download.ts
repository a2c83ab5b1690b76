import { UserError } from '../engine/errors.js';
import { megabytes } from './limits.js';

export type DownloadRefusal = 'host' | 'size' | 'timeout' | 'html' | 'status' | 'network';

/** Why a file could not be fetched; `code` lets an adapter say more, as Slack's for a missing scope. */
export class DownloadError extends UserError {
  constructor(
    readonly code: DownloadRefusal,
    message: string,
  ) {
    super(message);
  }
}

export interface DownloadOptions {
  /**
   * Where a file may come from: a host name ("files.slack.com", "*.slack.com") means https on its default port; an
   * origin ("http://127.0.0.1:8080") means exactly that one, for tests and doubles.
   */
  readonly allowedHosts: readonly string[];
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Sent to allowed hosts only, redirects included: a token never leaves the platform. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How many redirects, each to an allowed host, are followed: 0 unless said. */
  readonly redirects?: number;
}

const allows = (rule: string, url: URL): boolean => {
  if (rule.includes('://')) return url.origin === rule;
  if (url.protocol !== 'https:' || url.port !== '') return false;
  return rule.startsWith('*.') ? url.hostname.endsWith(rule.slice(1)) : url.hostname === rule;
};

/** Whether `address` lies on an allowed host; also false for addresses that carry a user name or password. */
export function isAllowed(address: string, allowedHosts: readonly string[]): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return false;
  return allowedHosts.some((rule) => allows(rule, url));
}

/**
 * Fetches one file from the platform's own hosts. A chat message is written by anyone, so its links may point at the
 * machine's own network (server-side request forgery), never end, or be a sign-in page: all of that is refused here.
 * What the bytes are is for the engine to find out.
 * @throws DownloadError, whose message is fit for a person
 */
export async function download(address: string, options: DownloadOptions): Promise<Uint8Array> {
  const { allowedHosts, maxBytes, timeoutMs, headers = {} } = options;
  const tooLarge = () =>
    new DownloadError('size', `The file is larger than ${megabytes(maxBytes)}; send a smaller one.`);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    let at = address;
    for (let left = options.redirects ?? 0; ; left--) {
      if (!isAllowed(at, allowedHosts))
        throw new DownloadError(
          'host',
          "Files are only taken from the platform's own servers; attach the picture.",
        );
      const response = await fetch(at, { headers, signal, redirect: 'manual' });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        if (left <= 0)
          throw new DownloadError('host', 'The file has moved elsewhere; attach the picture once more.');
        at = new URL(location, at).href;
        continue;
      }
      try {
        return await read(response, maxBytes, tooLarge);
      } catch (error) {
        await response.body?.cancel().catch(() => undefined);
        throw error;
      }
    }
  } catch (error) {
    if (error instanceof DownloadError) throw error;
    if (signal.aborted)
      throw new DownloadError(
        'timeout',
        `The file did not arrive within ${timeoutMs / 1000} s; send it again.`,
      );
    throw new DownloadError('network', 'The file could not be fetched; send it again.');
  }
}

async function read(response: Response, maxBytes: number, tooLarge: () => Error): Promise<Uint8Array> {
  if (!response.ok)
    throw new DownloadError(
      'status',
      `The platform did not give the file out (status ${response.status}); send it again.`,
    );
  if (/^\s*(text\/html|application\/xhtml)/i.test(response.headers.get('content-type') ?? ''))
    throw new DownloadError(
      'html',
      'The platform sent a web page in place of the file; send the picture again.',
    );
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
  return new Uint8Array(Buffer.concat(chunks, length));
}
