import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const YEAR = 365 * 24 * 3600;

/** Over TLS the cookie has a name that browsers take from nobody else: no neighbour domain can plant one. */
const nameOf = (secure: boolean): string => (secure ? '__Host-dedit' : 'dedit');

const sign = (secret: string, id: string): string =>
  createHmac('sha256', secret).update(`visitor:${id}`).digest('base64url');

/** Who a browser is: a random id in a signed cookie, nothing more. */
export function visitorOf(secret: string, request: IncomingMessage, secure: boolean): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(/; */)) {
    const [name, value = ''] = part.split('=');
    if (name !== nameOf(secure)) continue;
    const [id = '', signed = ''] = value.split('.');
    const [given, expected] = [Buffer.from(signed), Buffer.from(sign(secret, id))];
    if (given.length === expected.length && timingSafeEqual(given, expected)) return id;
  }
  return undefined;
}

/** A new visitor and the Set-Cookie header that makes the browser one. */
export function newVisitor(secret: string, secure: boolean): { id: string; cookie: string } {
  const id = randomUUID();
  const cookie = `${nameOf(secure)}=${id}.${sign(secret, id)}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${YEAR}`;
  return { id, cookie: secure ? `${cookie}; Secure` : cookie };
}
