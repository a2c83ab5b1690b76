import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { networkOf } from '../../src/bot/web/http.js';
import { maskLink, readMaskToken } from '../../src/bot/web/maskLink.js';
import { photo } from '../support/conversation.js';
import { openWeb, SECRET } from '../support/webChat.js';
import { fuzz, mutate, mutateJson, oneOf, type Random } from './harness.js';

const failures: unknown[] = [];
let web: Awaited<ReturnType<typeof openWeb>>;
beforeAll(async () => {
  web = await openWeb({
    // all of it is said from one address
    web: {
      rate: [1e6, 1e6],
      patience: 1000,
      logger: { error: ({ err }: { err?: unknown }) => failures.push(err) },
    },
    dedit: { sync: false },
  });
}, 30_000);
afterAll(() => web.close());

/** What the server answers to these bytes until it closes the connection, or says nothing for so many ms. */
const raw = (bytes: Buffer, patience: number): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(web.web.port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(patience, () => socket.destroy());
    socket.on('data', (data) => {
      answer += data.toString('latin1');
      if (/^content-type: text\/event-stream/im.test(answer)) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => socket.destroy());
  });

/** The requests of a page, as they go over the wire. */
async function requests(): Promise<{ head: string; body: Buffer }[]> {
  const host = `127.0.0.1:${web.web.port}`;
  const uploaded = await fetch(`${web.base}/api/threads`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: Buffer.from(await photo()),
  });
  const { thread } = (await uploaded.json()) as { thread: string };
  const cookie = uploaded.headers.get('set-cookie')!.split(';')[0]!;
  await web.dedit.settled('web', thread);
  const { sessions } = web.dedit;
  const session = (await sessions.views.inThread('web', thread))!;
  const [revision] = await sessions.views.revisions(session.id);
  const [post] = await sessions.views.told(session.id);
  const owner = { session: session.id, user: session.owner, item: 1 };
  const token = new URL(maskLink(SECRET, owner, web.base)).pathname;
  const at = `/api/threads/${thread}`;
  const made = (method: string, path: string, type = '', body: Buffer | string = '') => ({
    head: [
      `${method} ${path} HTTP/1.1`,
      ...[`Host: ${host}`, `Cookie: ${cookie}`, 'Sec-Fetch-Site: same-origin', `Origin: http://${host}`],
      ...(type ? [`Content-Type: ${type}`] : []),
      ...['Accept-Language: en', 'Connection: close'],
    ].join('\r\n'),
    body: Buffer.from(body),
  });
  const say = (body: object) => made('POST', `${at}/messages`, 'application/json', JSON.stringify(body));
  const mask = Buffer.from(await photo());
  return [
    ...[
      '/',
      '/healthz',
      '/readyz',
      '/metrics',
      '/api/about',
      '/api/threads',
      token,
      `${token}/data`,
      `${token}/labels`,
    ]
      .concat([at, `${at}/events`, `${at}/zip`, `${at}/revisions/${revision!.id}/items/1`])
      .concat([
        `${at}/posts/${post!.id}/picture`,
        `${at}/posts/${post!.id}/thumb`,
        `${at}/posts/${post!.id}/0`,
      ])
      .concat(['overlay', 'labels', 'thumb', 'map'].map((what) => `${at}/revisions/${revision!.id}/${what}`))
      .map((path) => made('GET', path)),
    say({ text: 'history', id: randomUUID() }),
    say({ text: 'make 2 red', replyTo: post!.message }),
    say({ emoji: '3️⃣', message: post!.message }),
    made('POST', `${at}/title`, 'application/json', JSON.stringify({ title: 'a picture' })),
    made('POST', `${at}/share`, 'application/json', JSON.stringify({ share: true })),
    made('POST', `${at}/references`, 'image/png', mask),
    made('POST', `${at}/revisions/${revision!.id}/mask?say=reshape%202`, 'image/png', mask),
    made('POST', `${token}?of=${revision!.id}&edge=5`, 'image/png', mask),
    made('POST', '/api/threads', 'image/png', mask),
  ];
}

const ODD_HEADERS = [
  ...[
    'Transfer-Encoding: chunked',
    'Content-Length: -1',
    'Content-Length: 99999999999',
    'Expect: 100-continue',
  ],
  ...[
    'If-None-Match: *',
    'Range: bytes=0-1',
    'Cookie: visitor=; visitor=%',
    'Host: elsewhere',
    'Upgrade: websocket',
  ],
  ...['X-Forwarded-For: ::ffff:1.2.3.4, %', 'Origin: null', 'Content-Encoding: gzip', 'Accept: text/html'],
];
const ODD_PATHS = [
  '%00',
  '%',
  '%ff',
  '//',
  '/../',
  '?',
  '#',
  '%2e%2e%2f',
  '\\',
  '[',
  ';',
  '\u00e9',
  'x'.repeat(9000),
];

/** The request with an odd path, header or body, or with its very bytes changed. */
function bent({ head, body }: { head: string; body: Buffer }, random: Random): Buffer {
  const [line = '', ...headers] = head.split('\r\n');
  let first = line;
  let said = body;
  const [method, path = '/', version] = line.split(' ');
  const kind = random(6);
  if (kind === 0) {
    const at = 1 + random(path.length);
    first = `${method} ${path.slice(0, at)}${oneOf(random, ODD_PATHS)}${path.slice(at)} ${version}`;
  } else if (kind === 1) headers.splice(random(headers.length), random(2), oneOf(random, ODD_HEADERS));
  else if (kind === 2)
    first = `${oneOf(random, ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'get'])} ${path} ${version}`;
  else if (kind === 3 && body[0] === 0x7b)
    said = Buffer.from(JSON.stringify(mutateJson(JSON.parse(body.toString()), random)) ?? '');
  else if (kind === 3) said = mutate(body, random);
  if (said.length > 0) headers.push(`Content-Length: ${said.length}`);
  const whole = Buffer.concat([Buffer.from([first, ...headers, '', ''].join('\r\n'), 'utf8'), said]);
  return kind === 5 ? mutate(whole, random) : whole;
}

it('whatever comes over the wire, nothing fails here and the page goes on', async () => {
  const known = await requests();
  await Promise.all(
    known.map(async (request) =>
      expect(
        await raw(
          bent(request, () => 4),
          20_000,
        ),
        request.head,
      ).toMatch(/^HTTP\/1\.1 [24]\d\d /),
    ),
  );
  await fuzz('http', async (random) => {
    // many at once: most of the time is spent waiting for what will never be whole
    const asked = Array.from({ length: 16 }, () => bent(oneOf(random, known), random));
    const answers = await Promise.all(asked.map((bytes) => raw(bytes, 200)));
    const said = asked.map((bytes) => JSON.stringify(bytes.toString('latin1').slice(0, 160))).join('\n');
    for (const failure of failures.splice(0))
      throw new Error(`${String(failure)} after\n${said}`, { cause: failure });
    for (const [i, answer] of answers.entries())
      expect(answer, asked[i]!.toString('latin1')).not.toMatch(/^HTTP\/1\.1 5(?!07)/);
  });
  expect((await fetch(`${web.base}/healthz`)).status).toBe(200);
});

it('of mask tokens only the one that was signed is read', async () => {
  const link = maskLink(SECRET, { session: 's', user: 'u', item: 1 }, 'http://x');
  const token = link.slice(link.lastIndexOf('/') + 1);
  await fuzz('mask tokens', (random) => {
    const other = mutate(Buffer.from(token), random).toString();
    expect(readMaskToken(SECRET, other) === 'forged').toBe(other !== token);
  });
});

it('a network has a name whatever the address says', async () => {
  await fuzz('addresses', (random) => {
    const text = Array.from({ length: random(40) }, () => '0123456789abcdef:.%'[random(19)]).join('');
    expect(networkOf(text).length).toBeLessThanOrEqual(Math.max(text.length, 19));
  });
});
