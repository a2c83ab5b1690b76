import { get as httpGet, IncomingMessage, request, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  addressOf,
  checkOrigin,
  hostsOf,
  networkOf,
  type HttpRefusal,
  isLocal,
} from '../../../src/bot/web/http.js';
import { Listeners } from '../../../src/bot/web/listeners.js';
import { maskLink, readMaskToken } from '../../../src/bot/web/maskLink.js';
import { Slots } from '../../../src/bot/web/slots.js';
import { RateLimit } from '../../../src/bot/rateLimit.js';
import { photo } from '../../support/conversation.js';
import { heic } from '../../support/heic.js';
import { openWeb, SECRET } from '../../support/webChat.js';

let web: Awaited<ReturnType<typeof openWeb>>;
beforeAll(async () => {
  web = await openWeb();
}, 30_000);
afterAll(() => web.close());

/** A browser: keeps its cookie and says where its requests come from. */
function browser(at?: string) {
  let cookie = '';
  return async (path: string, options: RequestInit & { headers?: Record<string, string> } = {}) => {
    const headers = { 'sec-fetch-site': 'same-origin', ...(cookie ? { cookie } : {}), ...options.headers };
    const response = await fetch((at ?? web.base) + path, { ...options, headers });
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return response;
  };
}

async function begin(go: ReturnType<typeof browser>): Promise<string> {
  const response = await go('/api/threads', { method: 'POST', body: Buffer.from(await photo()) });
  expect(response.status).toBe(201);
  const { thread } = (await response.json()) as { thread: string };
  await web.dedit.settled('web', thread);
  return thread;
}

const say = (go: ReturnType<typeof browser>, thread: string, body: unknown) =>
  go(`/api/threads/${thread}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** The status of a request made by hand, with headers that fetch would not send. */
const status = (path: string, headers: Record<string, string>, base = web.base): Promise<number> =>
  new Promise((resolve, reject) => {
    httpGet(base + path, { headers }, (r) => resolve(r.resume().statusCode!)).on('error', reject);
  });

/** What the server answers to these bytes, until it closes the connection. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(web.web.port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });

describe('the page', () => {
  it('is served with a policy that lets nothing in from elsewhere', async () => {
    const response = await browser()('/');
    expect(await response.text()).toContain('<title>dedit</title>');
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(response.headers.get('set-cookie')).toBeNull();
  });

  it('answers health checks and path tricks', async () => {
    expect((await browser()('/healthz')).status).toBe(200);
    expect(await (await browser()('/readyz')).text()).toBe('ready\n');
    for (const path of ['/..%2f..%2fpackage.json', '/public/app.js', '/%E0%A4%A', '/api/threads/..%2f..'])
      expect([400, 404]).toContain((await browser()(path)).status);
  });

  it('shows a thread to the browser that began it and to no other', async () => {
    const ann = browser();
    const thread = await begin(ann);
    const state = (await (await ann(`/api/threads/${thread}`)).json()) as {
      replies: { picture: { src: string } }[];
      history: { id: string }[];
    };
    const overlay = await ann(state.replies[0]!.picture.src);
    expect(overlay.headers.get('content-type')).toBe('image/png');
    const labels = `/api/threads/${thread}/revisions/${state.history[0]!.id}/labels`;
    expect((await ann(labels)).status).toBe(200);
    const eve = browser();
    await begin(eve);
    for (const path of [
      `/api/threads/${thread}`,
      `/api/threads/${thread}/events`,
      state.replies[0]!.picture.src,
      labels,
    ])
      expect((await eve(path)).status, path).toBe(404);
    expect((await say(eve, thread, { text: 'remove 2' })).status).toBe(404);
  });

  it('keeps a forged cookie from being anybody', async () => {
    const ann = browser();
    const thread = await begin(ann);
    const { owner } = await web.dedit.sessions.prisma.session.findFirstOrThrow({ where: { thread } });
    const response = await fetch(`${web.base}/api/threads/${thread}`, {
      headers: { cookie: `dedit=${owner}.AAAA` },
    });
    expect(response.status).toBe(404);
  });

  it('refuses requests from other pages, unknown hosts and without a word of where they come from', async () => {
    const post = { method: 'POST', body: 'x' };
    const ask = browser();
    expect((await ask('/api/threads', { ...post, headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(
      403,
    );
    expect((await ask('/api/threads', { ...post, headers: { origin: 'https://evil.example' } })).status).toBe(
      403,
    );
    expect((await fetch(`${web.base}/api/threads`, post)).status).toBe(403);
    const rebound = await new Promise<number>((resolve) => {
      request(`${web.base}/`, { headers: { host: 'evil.example' } }, (r) => resolve(r.statusCode!)).end();
    });
    expect(rebound).toBe(421);
  });

  it('refuses an upload that is too large before it has been sent', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { 'content-length': String(900 * 1024 * 1024), 'sec-fetch-site': 'same-origin' };
      const sent = request(`${web.base}/api/threads`, { method: 'POST', headers }, (r) =>
        resolve(r.statusCode!),
      );
      sent.on('error', reject);
      sent.write('x');
    });
    expect(status).toBe(413);
  });

  it('refuses HEIC from a phone in words, before there is a thread', async () => {
    const answer = await browser()('/api/threads', { method: 'POST', body: heic });
    expect(answer.status).toBe(415);
    expect(await answer.text()).toMatch(/is HEIC.* send it as JPEG/);
  });

  it('acts once on a message that is sent twice', async () => {
    const ann = browser();
    const thread = await begin(ann);
    for (let i = 0; i < 2; i++)
      expect((await say(ann, thread, { id: 'same', text: 'remove 2' })).status).toBe(202);
    await web.dedit.settled('web', thread);
    const { history } = (await (await ann(`/api/threads/${thread}`)).json()) as { history: unknown[] };
    expect(history).toHaveLength(2);
  });
});

describe('who asks', () => {
  it('gets a cookie with the first picture, which only this page reads and scripts do not', async () => {
    const response = await browser()('/api/threads', { method: 'POST', body: Buffer.from(await photo()) });
    expect(response.headers.get('set-cookie')).toMatch(/^dedit=.*; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    // a link followed from elsewhere comes without a Strict cookie: it must not replace the one there is
    const followed = await fetch(web.base, {
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-dest': 'document' },
    });
    expect([followed.status, followed.headers.get('set-cookie')]).toEqual([200, null]);
  });

  it('gets a cookie for TLS alone when the page is public by https', async () => {
    const open = await openWeb({ web: { publicUrl: 'https://dedit.example' } });
    try {
      const answer = await new Promise<string[]>((resolve, reject) => {
        const headers = { host: 'dedit.example', 'sec-fetch-site': 'same-origin' };
        const post = request(`${open.base}/api/threads`, { method: 'POST', headers }, (r) =>
          resolve([
            String(r.statusCode),
            String(r.headers['set-cookie']),
            String(r.headers['strict-transport-security']),
          ]),
        );
        post.on('error', reject);
        void photo().then((picture) => post.end(picture));
      });
      expect(answer[0]).toBe('201');
      expect(answer[1]).toMatch(
        /^__Host-dedit=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
      );
      expect(answer[2]).toContain('max-age');
    } finally {
      await open.close();
    }
  });

  it('may follow a link from elsewhere, not embed what is here', async () => {
    const from = (site: string, destination: string) =>
      status('/', { 'sec-fetch-site': site, 'sec-fetch-dest': destination });
    expect(await from('cross-site', 'document')).toBe(200);
    expect(await from('none', 'document')).toBe(200);
    for (const destination of ['image', 'script', 'iframe', 'empty', 'object'])
      expect(await from('cross-site', destination), destination).toBe(403);
    expect(await from('same-site', 'image')).toBe(403);
  });

  it('is told in words when JSON is none, and when it says nothing', async () => {
    const ann = browser();
    const thread = await begin(ann);
    for (const body of [
      '',
      '{',
      'null',
      '[]',
      '7',
      '"x"',
      '{}',
      '{"text":7}',
      '{"text":" "}',
      '{"emoji":"🔁"}',
    ]) {
      const response = await say(ann, thread, body);
      expect(response.status, body).toBe(400);
      expect(((await response.json()) as { error: string }).error).not.toContain('went wrong');
    }
    expect((await say(ann, thread, { text: 'x'.repeat(2001) })).status).toBe(400);
    expect((await say(ann, thread, { text: 'x'.repeat(20_000) })).status).toBe(413);
    const plain = await ann(`/api/threads/${thread}/messages`, { method: 'POST', body: '{"text":"undo"}' });
    expect(plain.status).toBe(415);
  });

  it('may ask for heads, and for nothing an address is not made for', async () => {
    const head = await fetch(web.base, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const ask = browser();
    for (const method of ['OPTIONS', 'PUT', 'DELETE', 'PATCH']) {
      const response = await ask('/api/threads', { method });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
    }
    const host = `127.0.0.1:${web.web.port}`;
    for (const path of ['http://evil.example/', '//evil.example/..', '/%00', '/constructor', '/__proto__'])
      expect(await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), path).toMatch(
        /^HTTP\/1.1 404 /,
      );
  });

  it('sees every answer, refusals too, under the same policy', async () => {
    for (const path of ['/', '/api/threads', '/nothing', '/%', '/mask/a.b', '/metrics', '/healthz']) {
      const { headers } = await browser()(path);
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('cache-control'), path).toBe('no-store');
    }
  });

  it('is shown a refusal as a page when a link was followed, with nothing of the address in it', async () => {
    const response = await browser()('/mask/abc.def', { headers: { accept: 'text/html' } });
    expect([response.status, response.headers.get('content-type')]).toEqual([
      403,
      'text/html; charset=utf-8',
    ]);
    expect(await response.text()).toContain('This link is not valid');
    const host = '<script>alert(1)</script>';
    const rebound = await raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`);
    expect(rebound).toContain('421');
    expect(rebound).not.toContain('<script');
  });

  it('keeps pictures, and asks each time whether it still may show them', async () => {
    const ann = browser();
    const thread = await begin(ann);
    const { history } = (await (await ann(`/api/threads/${thread}`)).json()) as { history: { id: string }[] };
    const address = `/api/threads/${thread}/revisions/${history[0]!.id}/thumb`;
    const first = await ann(address);
    const headers = { 'if-none-match': first.headers.get('etag')! };
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    expect((await ann(address, { headers })).status).toBe(304);
    const eve = browser();
    await begin(eve);
    expect((await eve(address, { headers })).status).toBe(404);
  });

  it('finds the threads begun here, the last used first, with what is in them', async () => {
    const ann = browser();
    expect(await (await ann('/api/threads')).json()).toEqual([]);
    const [one, two] = [await begin(ann), await begin(ann)];
    await say(ann, one, { text: 'remove 2' });
    await web.dedit.settled('web', one);
    const list = (await (await ann('/api/threads')).json()) as {
      thread: string;
      say: string;
      items: string[];
    }[];
    expect(list.map(({ thread }) => thread)).toEqual([one, two]);
    expect(list[0]).toMatchObject({ say: 'remove 2', items: ['grass', 'ball', 'tree'] });
  });

  it('is told what is wrong with names that are none, in place of a fault of ours', async () => {
    const ann = browser();
    const thread = await begin(ann);
    const say = async (fields: object) =>
      (
        await ann(`/api/threads/${thread}/messages`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(fields),
        })
      ).status;
    expect(await say({ text: 'status', id: 'x'.repeat(1900) })).toBe(400);
    for (const name of ['text', 'id', 'replyTo'])
      expect(await say({ text: 'status', [name]: 'a\0b' })).toBe(400);
    expect(await say({ emoji: '\0', message: 'm' })).toBe(400);
    expect(await say({ text: 'status', replyTo: 'nobody' })).toBe(202);
  });

  it('does not share event names with anybody', async () => {
    const [ann, eve] = [browser(), browser()];
    const [hers, his] = [await begin(ann), await begin(eve)];
    for (const [go, thread] of [
      [ann, hers],
      [eve, his],
    ] as const) {
      await say(go, thread, { id: 'shared', text: 'remove 2' });
      await web.dedit.settled('web', thread);
      const { history } = (await (await go(`/api/threads/${thread}`)).json()) as { history: unknown[] };
      expect(history).toHaveLength(2);
    }
  });
});

describe('limits', () => {
  it('of a conversation are told by 429, not taken and dropped', async () => {
    const calm = await openWeb({ dedit: { messagesPerMinute: 2 } });
    const ann = browser(calm.base);
    const thread = await begin(ann);
    const body = JSON.stringify({ text: 'status' });
    const headers = { 'Content-Type': 'application/json' };
    const say = async () =>
      (await ann(`/api/threads/${thread}/messages`, { method: 'POST', headers, body })).status;
    expect([await say(), await say()]).toEqual([202, 429]);
    await calm.close();
  });

  it('hold for an address, however many cookies it throws away', async () => {
    const open = await openWeb({ web: { rate: [2, 1] } });
    try {
      const post = async (cookie = '') =>
        (
          await fetch(`${open.base}/api/threads/none/messages`, {
            method: 'POST',
            headers: { 'sec-fetch-site': 'same-origin', cookie },
          })
        ).status;
      const seen: number[] = [];
      for (let i = 0; i < 10; i++) seen.push(await post(`dedit=${i}.x`));
      expect(seen).toEqual([...Array(8).fill(404), 429, 429]);
      const looks = await Promise.all(Array.from({ length: 45 }, () => status('/readyz', {}, open.base)));
      expect(looks.filter((code) => code === 429)).toHaveLength(5);
    } finally {
      await open.close();
    }
  });

  it("hold for a day's pictures of an address too", async () => {
    const open = await openWeb({ dedit: { quotas: { uploadsPerDay: 1, editsPerDay: 0 } } });
    try {
      const picture = Buffer.from(await photo());
      const seen: number[] = [];
      for (let i = 0; i < 5; i++) {
        const headers = { 'sec-fetch-site': 'same-origin' };
        seen.push(
          (await fetch(`${open.base}/api/threads`, { method: 'POST', headers, body: picture })).status,
        );
      }
      expect(seen).toEqual([201, 201, 201, 201, 429]);
    } finally {
      await open.close();
    }
  });

  it('let a browser open a few streams, and give them back', async () => {
    const ann = browser();
    const thread = await begin(ann);
    const stop = new AbortController();
    const path = `/api/threads/${thread}/events`;
    const streams = await Promise.all(Array.from({ length: 8 }, () => ann(path, { signal: stop.signal })));
    expect(streams.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await ann(path)).status).toBe(429);
    stop.abort();
    await expect
      .poll(async () => {
        const again = new AbortController();
        const { status } = await ann(path, { signal: again.signal });
        again.abort();
        return status;
      })
      .toBe(200);
  });

  it('close a connection that says its request drop by drop', async () => {
    const open = await openWeb({ web: { patience: 300 } });
    try {
      const began = Date.now();
      await new Promise<void>((resolve) => {
        const socket = connect(open.web.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: '));
        const drops = setInterval(() => socket.write('x'), 100);
        socket.on('error', () => {});
        socket.on('close', () => {
          clearInterval(drops);
          resolve();
        });
      });
      expect(Date.now() - began).toBeLessThan(5000);
    } finally {
      await open.close();
    }
  });

  it('are slots that one who asks cannot use up for all', () => {
    const slots = new Slots(2, 3);
    const first = slots.take('a')!;
    expect([slots.take('a'), slots.take('a'), slots.take('b'), slots.take('c')].map(Boolean)).toEqual([
      true,
      false,
      true,
      false,
    ]);
    first();
    first();
    expect([slots.take('c'), slots.take('a')].map(Boolean)).toEqual([true, false]);
  });

  it('count the address a proxy on this machine tells, and nobody else', () => {
    const from = (remoteAddress: string, forwarded?: string) =>
      ({ socket: { remoteAddress }, headers: forwarded ? { 'x-forwarded-for': forwarded } : {} }) as never;
    expect(addressOf(from('127.0.0.1', '6.6.6.6, 1.2.3.4'), true)).toBe('1.2.3.4');
    expect(addressOf(from('127.0.0.1', '1.2.3.4'), false)).toBe('127.0.0.1');
    expect(addressOf(from('8.8.8.8', '1.2.3.4'), true)).toBe('8.8.8.8');
    expect(addressOf(from('::ffff:8.8.8.8'), true)).toBe('8.8.8.8');
    expect(addressOf(from('2001:db8:1:2:3:4:5:6'), true)).toBe('2001:db8:1:2');
  });

  it("keep the machine's numbers on the machine", async () => {
    const open = await openWeb({ web: { metrics: async () => 'dedit_jobs_total 1\n' } });
    try {
      expect(await status('/metrics', {}, open.base)).toBe(200);
      expect(await status('/metrics', { 'x-forwarded-for': '1.2.3.4' }, open.base)).toBe(404);
      expect(await status('/metrics', { host: 'evil.example' }, open.base)).toBe(421);
      const other = { socket: { remoteAddress: '10.0.0.9' }, headers: { host: 'localhost:3000' } };
      expect(isLocal(other as never)).toBe(false);
    } finally {
      await open.close();
    }
  });

  it('know the page by its names only', () => {
    const asks = (host: string, hosts: Set<string>): number => {
      try {
        checkOrigin({ method: 'GET', headers: { host } } as never, hosts);
        return 200;
      } catch (error) {
        return (error as HttpRefusal).status;
      }
    };
    const hosts = hostsOf('127.0.0.1', 80, 'https://Dedit.example/');
    for (const name of ['localhost', 'LOCALHOST:80', '127.0.0.1', '[::1]', 'dedit.example'])
      expect(asks(name, hosts), name).toBe(200);
    for (const name of ['', 'evil.example', 'localhost.evil.example', 'localhost:81', 'dedit.example:80'])
      expect(asks(name, hosts), name).toBe(421);
    expect(asks('[fe80::1]:3000', hostsOf('fe80::1', 3000, undefined))).toBe(200);
  });
});

describe('mask links', () => {
  const claim = { session: 's', user: 'ann', item: 2 };
  const token = (now?: Date) => maskLink(SECRET, claim, 'http://x', now).split('/').at(-1)!;

  it('hold for an hour, for one item of one session, signed by us', () => {
    expect(readMaskToken(SECRET, token())).toMatchObject(claim);
    expect(readMaskToken(SECRET, token(new Date(Date.now() - 3700_000)))).toBe('expired');
    expect(readMaskToken('another secret of that length', token())).toBe('forged');
    const other = Buffer.from(JSON.stringify({ ...claim, item: 0, expires: 9e9 })).toString('base64url');
    expect(readMaskToken(SECRET, `${other}.${token().split('.')[1]!}`)).toBe('forged');
    for (const nonsense of ['', '.', 'a.b', '💥.💥']) expect(readMaskToken(SECRET, nonsense)).toBe('forged');
    // one link is one token: with a suffix it would be taken for another one
    for (const suffix of ['.', '.x', '=', '=='])
      expect(readMaskToken(SECRET, token() + suffix), suffix).toBe('forged');
  });

  it('take a mask as large as the picture they were drawn on, of that picture, and nothing else', async () => {
    const ann = browser();
    const thread = await begin(ann);
    const session = await web.dedit.sessions.views.inThread('web', thread);
    const link = new URL(maskLink(SECRET, { session: session!.id, user: session!.owner, item: 1 }, web.base))
      .pathname;
    const anybody = browser();
    const { revision, width, height } = (await (await ann(`${link}/data`)).json()) as {
      revision: string;
      width: number;
      height: number;
    };
    const png = async (w: number, h: number) =>
      Buffer.from(
        await sharp({ create: { width: w, height: h, channels: 3, background: 'black' } })
          .composite([
            {
              input: { create: { width: 12, height: 12, channels: 3, background: 'white' } },
              left: 14,
              top: 2,
            },
          ])
          .png()
          .toBuffer(),
      );
    const post = async (body: Buffer<ArrayBuffer>, of = revision) =>
      (await ann(`${link}?of=${of}`, { method: 'POST', body })).status;
    expect(await post(Buffer.from('not a picture'))).toBe(400);
    expect(await post(await png(width + 1, height))).toBe(400);
    expect(await post(Buffer.alloc(5 * 1024 * 1024))).toBe(413);
    expect(await post(await png(width, height), 'another')).toBe(409);
    expect(await post(await png(width, height))).toBe(202);
    await web.dedit.settled('web', thread);
    // the picture it was drawn on is not the current one any more
    expect(await post(await png(width, height))).toBe(409);
    const { history } = (await (await ann(`/api/threads/${thread}`)).json()) as {
      history: { say: string }[];
    };
    expect(history.map(({ say }) => say)).toEqual(['upload', 'reshape 2']);
    // a thread of the page is one browser's, and so are its links
    expect((await ann(`${link}/picture`)).status).toBe(200);
    expect((await anybody(`${link}/picture`)).status).toBe(403);
  });

  it('leave a visitor no cookie, and who they are alone', async () => {
    const ann = browser();
    const session = await web.dedit.sessions.views.inThread('web', await begin(ann));
    const claimed = { session: session!.id, user: session!.owner, item: 0 };
    const { status, headers } = await ann(new URL(maskLink(SECRET, claimed, web.base)).pathname);
    expect([status, headers.get('set-cookie')]).toEqual([200, null]);
  });

  it('are refused with a sentence', async () => {
    const response = await browser()('/mask/abc.def');
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('reshape');
    const gone = maskLink(SECRET, { session: 'nobody', user: 'ann', item: 0 }, web.base);
    expect((await browser()(new URL(gone).pathname)).status).toBe(410);
  });
});

it('the rate limit lets a burst through and then so many a minute', () => {
  let now = 0;
  const limit = new RateLimit(2, 60, () => now);
  expect([limit.take('a'), limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  now = 1000;
  expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
});

it('a clock on the wall that jumps lifts no rate limit, and lengthens none', () => {
  const limit = new RateLimit(1, 1);
  expect([limit.take('a'), limit.take('a')]).toEqual([true, false]);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3600_000 });
  try {
    expect(limit.take('a')).toBe(false);
    expect(limit.take('b')).toBe(true);
    vi.setSystemTime(Date.now() - 48 * 3600_000);
    expect(limit.take('c')).toBe(true);
  } finally {
    vi.useRealTimers();
  }
});

it('event streams are so many for an address, whatever cookies its browsers have', () => {
  const listeners = new Listeners();
  const stream = (visitor: string, address: string): ServerResponse => {
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    listeners.add('t', visitor, address, response);
    return response;
  };
  const open = Array.from({ length: 32 }, (_, i) => stream(`visitor ${i}`, networkOf('2001:db8::1')));
  expect(() => stream('one more', networkOf('2001:db8:0:0:1::'))).toThrow(/open too often/);
  stream('elsewhere', networkOf('2001:db8:0:1::1'));
  open[0]!.emit('close');
  stream('one more', networkOf('2001:db8::9'));
});

it('limits count the network of an IPv6 address, however its zeros are written', () => {
  for (const address of [
    '2001:db8::1',
    '2001:db8:0:0::2',
    '2001:0db8:0000:0000:1:2:3:4',
    '2001:db8::1:2:3:4%eth0',
  ])
    expect(networkOf(address), address).toBe('2001:db8:0:0');
  expect(networkOf('2001:db8:0:1::1')).toBe('2001:db8:0:1');
  expect(networkOf('::1')).toBe('0:0:0:0');
  expect(networkOf('1:2:3:4:5::')).toBe('1:2:3:4');
  expect(networkOf('64:ff9b::192.0.2.1')).toBe('64:ff9b:0:0');
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
});
