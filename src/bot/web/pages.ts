import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { send } from './http.js';

const PUBLIC = fileURLToPath(new URL('public/', import.meta.url));
const HTML = 'text/html; charset=utf-8';

const SCRIPTS = ['app', 'dom', 'history', 'log', 'mask', 'maskMap', 'picture'];

/** Every file the page is made of, by its path. Nothing else of the disk can be named. */
const FILES: ReadonlyMap<string, readonly [file: string, type: string]> = new Map([
  ['/', ['index.html', HTML]],
  ['/style.css', ['style.css', 'text/css; charset=utf-8']],
  ...SCRIPTS.map((name): [string, [string, string]] => [
    `/${name}.js`,
    [`${name}.js`, 'text/javascript; charset=utf-8'],
  ]),
]);

const read = (file: string): string => readFileSync(PUBLIC + file, 'utf8');

/** @returns whether the path is one of the page's files */
export function sendFile(response: ServerResponse, path: string): boolean {
  const file = FILES.get(path);
  if (file) send(response, 200, file[1], read(file[0]));
  return file !== undefined;
}

export const sendMaskPage = (response: ServerResponse): void => send(response, 200, HTML, read('mask.html'));

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
    read('refusal.html').replace('{text}', () => escape(capital(text))),
    headers,
  );
