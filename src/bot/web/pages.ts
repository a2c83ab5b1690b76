import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { type At, send } from './http.js';

const PUBLIC = fileURLToPath(new URL('public/', import.meta.url));
const HTML = 'text/html; charset=utf-8';
/** A file whose address holds its own hash never changes. */
const FOR_EVER = { 'Cache-Control': 'public, max-age=31536000, immutable', Vary: 'Accept-Encoding' };

interface StaticFile {
  readonly address: string;
  readonly type: string;
  readonly plain: Buffer;
  readonly br: Buffer;
  readonly gzip: Buffer;
}

/** Read, named by its hash and compressed once, when it is first asked for. */
function prepare(file: string, type: string): StaticFile {
  const plain = readFileSync(PUBLIC + file);
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 12);
  const br = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  return { address: `/${hash}-${file.replace('built/', '')}`, type, plain, br, gzip: gzipSync(plain) };
}

interface Pages {
  readonly page: string;
  readonly refusal: string;
  readonly files: ReadonlyMap<string, StaticFile>;
}

let made: Pages | undefined;
function pages(): Pages {
  if (made) return made;
  const script = prepare('built/page.js', 'text/javascript; charset=utf-8');
  const style = prepare('built/page.css', 'text/css; charset=utf-8');
  const html = (file: string): string =>
    readFileSync(PUBLIC + file, 'utf8')
      .replace('/page.js', script.address)
      .replace('/page.css', style.address);
  const files = new Map([script, style].map((file) => [file.address, file]));
  return (made = { page: html('index.html'), refusal: html('refusal.html'), files });
}

/** Addresses of the one page: the gallery and one's threads, and what is shared. */
const isPage = (path: string): boolean => path === '/' || /^\/shared\/[\w-]{10,60}$/.test(path);

/** @returns whether the path is one of the page's files */
export function sendFile({ request, response }: Pick<At, 'request' | 'response'>, path: string): boolean {
  if (isPage(path)) {
    sendPage(response);
    return true;
  }
  const file = pages().files.get(path);
  if (!file) return false;
  const accepted = String(request.headers['accept-encoding'] ?? '');
  const coding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : undefined;
  send(response, 200, file.type, coding ? file[coding] : file.plain, {
    ...FOR_EVER,
    ...(coding ? { 'Content-Encoding': coding } : {}),
  });
  return true;
}

export const sendPage = (response: ServerResponse): void => send(response, 200, HTML, pages().page);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const escape = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

/** A refusal as a page, for who followed a link. */
export const sendRefusal = (
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>>,
): void =>
  send(
    response,
    status,
    HTML,
    pages().refusal.replace('{text}', () => escape(capital(text))),
    headers,
  );
