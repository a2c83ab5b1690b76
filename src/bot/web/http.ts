import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request that is refused: its status and what to say. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Nothing from elsewhere, nothing inline, no frames; pictures also from blobs the page itself makes. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, {
    ...HEADERS,
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  response.end(body);
}

export const sendJson = (response: ServerResponse, value: unknown, status = 200): void =>
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(value));

/** Begins a stream of Server-Sent Events. */
export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': 'text/event-stream; charset=utf-8',
    'X-Accel-Buffering': 'no',
  });
  response.write(': hello\n\n');
}

/** The body, read only as far as the limit allows. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = new HttpRefusal(
    413,
    `that is more than the ${Math.round(limit / 1024 / 1024)} MiB this page takes`,
  );
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw tooLarge;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Only the page itself may change anything: browsers say where a request comes from (Fetch Metadata; Origin before).
 * Hosts are checked too, against DNS rebinding.
 */
export function checkOrigin(request: IncomingMessage, hosts: ReadonlySet<string>): void {
  const host = request.headers.host ?? '';
  if (!hosts.has(host))
    throw new HttpRefusal(421, `this page is not called ${host.slice(0, 80)}: set PUBLIC_URL to its address`);
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const site = request.headers['sec-fetch-site'];
  if (site && site !== 'same-origin') throw new HttpRefusal(403, 'this may only be asked by the page itself');
  const origin = request.headers.origin;
  if (origin && hostOf(origin) !== host)
    throw new HttpRefusal(403, 'this may only be asked by the page itself');
  if (!site && !origin) throw new HttpRefusal(403, 'this may only be asked by the page itself');
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
