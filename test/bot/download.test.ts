import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { download, isAllowed } from '../../src/bot/download.js';

let server: Server;
let other: Server;
let base: string;
let elsewhere: string;
const seen: string[] = [];

const listen = async (s: Server): Promise<string> => {
  await new Promise<void>((done) => s.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(s.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  other = createServer((request, response) => {
    seen.push(String(request.headers.authorization));
    response.end('secret');
  });
  elsewhere = await listen(other);
  server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/file')
      response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([1, 2, 3]));
    else if (path === '/auth') response.end(request.headers.authorization);
    else if (path === '/declared')
      response.writeHead(200, { 'content-length': '5000' }).end(Buffer.alloc(5000));
    else if (path === '/endless') {
      const timer = setInterval(() => response.write(Buffer.alloc(400)), 1);
      response.on('close', () => clearInterval(timer));
    } else if (path === '/silent') response.writeHead(200).write('a');
    else if (path === '/html')
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<p>');
    else if (path === '/away') response.writeHead(302, { location: `${elsewhere}/x` }).end();
    else if (path === '/near') response.writeHead(302, { location: '/file' }).end();
    else if (path === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else response.writeHead(404).end();
  });
  base = await listen(server);
});
afterAll(() => {
  for (const s of [server, other]) {
    s.closeAllConnections();
    s.close();
  }
});

const get = (path: string, more: { redirects?: number; headers?: Record<string, string> } = {}) =>
  download(`${base}${path}`, { allowedHosts: [base], maxBytes: 1000, timeoutMs: 400, ...more });

describe('isAllowed', () => {
  const hosts = ['cdn.discordapp.com', '*.slack.com'];
  it.each([
    ['https://cdn.discordapp.com/attachments/1/2/a.png?ex=1', true],
    ['https://files.slack.com/a', true],
    ['http://cdn.discordapp.com/a', false],
    ['https://cdn.discordapp.com:8443/a', false],
    ['https://cdn.discordapp.com.evil.example/a', false],
    ['https://evilslack.com/a', false],
    ['https://cdn.discordapp.com@127.0.0.1/a', false],
    ['https://user@cdn.discordapp.com/a', false],
    ['file:///etc/passwd', false],
    ['data:image/png;base64,AAAA', false],
    ['https://169.254.169.254/latest', false],
    ['not an address', false],
  ])('%s: %s', (address, allowed) => expect(isAllowed(address, hosts)).toBe(allowed));
});

describe('download', () => {
  it('fetches bytes, with headers', async () => {
    expect([...(await get('/file'))]).toEqual([1, 2, 3]);
    const auth = await get('/auth', { headers: { authorization: 'Bearer t' } });
    expect(Buffer.from(auth).toString()).toBe('Bearer t');
  });
  it.each([
    ['/declared', 'size'],
    ['/endless', 'size'],
    ['/silent', 'timeout'],
    ['/html', 'html'],
    ['/gone', 'status'],
    ['/near', 'host'],
  ])('refuses %s: %s', (path, code) => expect(get(path)).rejects.toMatchObject({ name: 'UserError', code }));
  it('follows redirects to allowed hosts only, and a token never goes elsewhere', async () => {
    expect([...(await get('/near', { redirects: 2 }))]).toEqual([1, 2, 3]);
    const away = get('/away', { redirects: 2, headers: { authorization: 'Bearer t' } });
    await expect(away).rejects.toMatchObject({ code: 'host' });
    await expect(get('/loop', { redirects: 2 })).rejects.toMatchObject({ code: 'host' });
    expect(seen).toEqual([]);
  });
  it('refuses an unlisted host without asking it', async () => {
    await expect(
      download(`${elsewhere}/x`, { allowedHosts: [base], maxBytes: 10, timeoutMs: 100 }),
    ).rejects.toMatchObject({ code: 'host' });
    expect(seen).toEqual([]);
  });
  it('says when nobody answers', () =>
    expect(
      download('http://127.0.0.1:9/x', {
        allowedHosts: ['http://127.0.0.1:9'],
        maxBytes: 10,
        timeoutMs: 300,
      }),
    ).rejects.toMatchObject({ code: 'network' }));
});
