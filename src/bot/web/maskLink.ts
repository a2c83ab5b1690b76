import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a link to the mask editor allows: one item of one session, for a while, in the name of who asked for it. */
export interface MaskClaim {
  readonly session: string;
  /** On the session's platform. */
  readonly user: string;
  /** 0-based. */
  readonly item: number;
  /** Unix seconds. */
  readonly expires: number;
}

const HOUR = 3600;

const signature = (secret: string, payload: string): Buffer =>
  createHmac('sha256', secret).update(`mask:${payload}`).digest();

/** @returns an address that opens the mask editor for an hour, to whoever has it */
export function maskLink(
  secret: string,
  { session, user, item }: { session: string; user: string; item: number },
  base: string,
  now: Date = new Date(),
): string {
  const claim: MaskClaim = { session, user, item, expires: Math.floor(now.getTime() / 1000) + HOUR };
  const payload = Buffer.from(JSON.stringify(claim)).toString('base64url');
  return `${base.replace(/\/$/, '')}/mask/${payload}.${signature(secret, payload).toString('base64url')}`;
}

/** The claim of a token that we signed and that still holds; 'expired' when it did once. */
export function readMaskToken(
  secret: string,
  token: string,
  now: Date = new Date(),
): MaskClaim | 'forged' | 'expired' {
  // letter for letter: base64url has several spellings of the same bytes, and each would be another token
  const [payload = ''] = token.split('.');
  const given = Buffer.from(token);
  const expected = Buffer.from(`${payload}.${signature(secret, payload).toString('base64url')}`);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'forged';
  const claim = JSON.parse(Buffer.from(payload, 'base64url').toString()) as MaskClaim;
  return claim.expires * 1000 < now.getTime() ? 'expired' : claim;
}
