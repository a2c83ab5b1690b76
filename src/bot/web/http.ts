import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';

/** A request that is refused: its status and what to say. */
export class HttpRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const tooMuch = (): HttpRefusal =>
  new HttpRefusal(429, 'that was a lot at once: wait a minute', { 'Retry-After': '60' });

/** One request on its way through the routes. */
export interface At {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Who the browser is, when its cookie says so. */
  readonly visitor: string | undefined;
  /** What the route's pattern caught. */
  readonly args: readonly string[];
}
export type Route = readonly [method: 'GET' | 'POST', path: RegExp, answer: (at: At) => Promise<void>];

/** Nothing from elsewhere, nothing inline, no frames; pictures also from blobs and data the page itself makes. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; " +
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
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

/**
 * A picture that never changes under its name. The browser keeps it, but asks each time whether it may still show it:
 * what is forgotten here is not shown there.
 */
export async function sendPicture(
  { request, response }: At,
  name: string,
  picture: () => Promise<Uint8Array>,
  type = 'image/png',
): Promise<void> {
  const headers = { ...HEADERS, 'Cache-Control': 'private, no-cache', ETag: `"${name}"` };
  if (request.headers['if-none-match'] === headers.ETag) {
    response.writeHead(304, headers).end();
    return;
  }
  send(response, 200, type, await picture(), headers);
}

/** Begins a stream of Server-Sent Events. */
export function beginEvents(response: ServerResponse): void {
  response.writeHead(200, {
    ...HEADERS,
    'Content-Type': 'text/event-stream; charset=utf-8',
    'X-Accel-Buffering': 'no',
  });
  response.write('retry: 1000\n\n');
}

/** The body, read only as far as the limit allows. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const most = limit >= 2 ** 20 ? `${limit / 2 ** 20} MiB` : `${limit / 2 ** 10} KiB`;
  const tooLarge = new HttpRefusal(413, `that is more than the ${most} this page takes`);
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

/** The fields of a JSON object. @throws 415 for another type, 400 for what is not an object */
export async function readFields(request: IncomingMessage, limit: number): Promise<Record<string, unknown>> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new HttpRefusal(415, 'say it as application/json');
  const body = await readBody(request, limit);
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw new HttpRefusal(400, 'this is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new HttpRefusal(400, 'a JSON object is wanted here');
  return value as Record<string, unknown>;
}

/**
 * Only the page itself may change anything or show pictures: browsers say where a request comes from (Fetch Metadata;
 * Origin before). Following a link from elsewhere is all right. Hosts are checked too, against DNS rebinding.
 */
export function checkOrigin(request: IncomingMessage, hosts: ReadonlySet<string>): void {
  const host = (request.headers.host ?? '').toLowerCase();
  if (!hosts.has(host))
    throw new HttpRefusal(421, `this page is not called ${host.slice(0, 80)}: set PUBLIC_URL to its address`);
  const foreign = new HttpRefusal(403, 'this may only be asked by the page itself');
  const { origin, 'sec-fetch-site': site, 'sec-fetch-dest': destination } = request.headers;
  if (request.method === 'GET' || request.method === 'HEAD') {
    if (site && site !== 'same-origin' && site !== 'none' && destination !== 'document') throw foreign;
    return;
  }
  if (site && site !== 'same-origin') throw foreign;
  if (origin && hostOf(origin) !== host) throw foreign;
  if (!site && !origin) throw foreign;
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}

/** Every name this page answers to, as Host headers write it: without the port where it is the scheme's own. */
export function hostsOf(host: string, port: number, publicUrl: string | undefined): Set<string> {
  const names = [host.includes(':') ? `[${host}]` : host.toLowerCase(), 'localhost', '127.0.0.1', '[::1]'];
  return new Set([
    ...names.map((name) => `${name}:${port}`),
    ...(port === 80 ? names : []),
    ...(publicUrl ? [new URL(publicUrl).host] : []),
  ]);
}

const loopback = (address: string): boolean => address === '::1' || address.startsWith('127.');

/** The address a socket is connected from; IPv4 written inside IPv6 is IPv4. */
const peerOf = (request: IncomingMessage): string =>
  (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');

/**
 * Whom limits count: the address; of IPv6 the network, for one household has as many addresses as it likes. A proxy on
 * this machine in front of PUBLIC_URL is believed about who asks: the last of X-Forwarded-For is what it wrote itself.
 */
export function addressOf(request: IncomingMessage, proxied: boolean): string {
  const peer = peerOf(request);
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').at(-1)!.trim();
  const address = proxied && loopback(peer) && forwarded ? forwarded.slice(0, 64) : peer;
  return networkOf(address);
}

/** An IPv6 address's /64, its zeros written out (RFC 4291, 2.2); any other address itself. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const groups = head === '' ? [] : head.split(':');
  // an IPv4 address at the end stands for two groups; it is never among the first four of those that are asked here
  const behind = tail === undefined || tail === '' ? 0 : tail.split(':').length + Number(tail.includes('.'));
  while (tail !== undefined && groups.length + behind < 8) groups.push('0');
  if (tail) groups.push(...tail.split(':'));
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

/** Whether a request comes from this machine itself, not by a proxy on it or by a name of somebody else's. */
export function isLocal(request: IncomingMessage): boolean {
  const { host = '', forwarded, 'x-forwarded-for': forwardedFor } = request.headers;
  return (
    loopback(peerOf(request)) &&
    /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host) &&
    forwarded === undefined &&
    forwardedFor === undefined
  );
}
