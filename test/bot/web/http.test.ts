import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskLink, readMaskToken } from '../../../src/bot/web/maskLink.js';
import { RateLimit } from '../../../src/bot/web/rateLimit.js';
import { photo } from '../../support/conversation.js';
import { openWeb, SECRET } from '../../support/webChat.js';

let web: Awaited<ReturnType<typeof openWeb>>;
beforeAll(async () => {
  web = await openWeb();
}, 30_000);
afterAll(() => web.close());

/** A browser: keeps its cookie and says where its requests come from. */
function browser() {
  let cookie = '';
  return async (path: string, options: RequestInit & { headers?: Record<string, string> } = {}) => {
    const headers = { 'sec-fetch-site': 'same-origin', ...(cookie ? { cookie } : {}), ...options.headers };
    const response = await fetch(web.base + path, { ...options, headers });
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

describe('the page', () => {
  it('is served with a policy that lets nothing in from elsewhere', async () => {
    const response = await browser()('/');
    expect(await response.text()).toContain('<h1>dedit</h1>');
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(response.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/);
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
    await eve('/');
    for (const path of [
      `/api/threads/${thread}`,
      `/api/threads/${thread}/events`,
      state.replies[0]!.picture.src,
      labels,
    ])
      expect((await eve(path)).status, path).toBe(404);
    expect(
      (await eve(`/api/threads/${thread}/messages`, { method: 'POST', body: '{"text":"remove 2"}' })).status,
    ).toBe(404);
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

  it('acts once on a message that is sent twice', async () => {
    const ann = browser();
    const thread = await begin(ann);
    const body = JSON.stringify({ id: 'same', text: 'remove 2' });
    for (let i = 0; i < 2; i++) await ann(`/api/threads/${thread}/messages`, { method: 'POST', body });
    await web.dedit.settled('web', thread);
    const { history } = (await (await ann(`/api/threads/${thread}`)).json()) as { history: unknown[] };
    expect(history).toHaveLength(2);
  });
});

describe('mask links', () => {
  const claim = { session: 's', item: 2 };
  const token = (now?: Date) => maskLink(SECRET, claim, 'http://x', now).split('/').at(-1)!;

  it('hold for an hour, for one item of one session, signed by us', () => {
    expect(readMaskToken(SECRET, token())).toMatchObject(claim);
    expect(readMaskToken(SECRET, token(new Date(Date.now() - 3700_000)))).toBe('expired');
    expect(readMaskToken('another secret of that length', token())).toBe('forged');
    const other = Buffer.from(JSON.stringify({ ...claim, item: 0, expires: 9e9 })).toString('base64url');
    expect(readMaskToken(SECRET, `${other}.${token().split('.')[1]!}`)).toBe('forged');
    for (const nonsense of ['', '.', 'a.b', '💥.💥']) expect(readMaskToken(SECRET, nonsense)).toBe('forged');
  });

  it('are refused with a sentence', async () => {
    const response = await browser()('/mask/abc.def');
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('reshape');
    const gone = maskLink(SECRET, { session: 'nobody', item: 0 }, web.base);
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
