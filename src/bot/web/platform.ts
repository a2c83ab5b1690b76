import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { itemsOf, type Post, type Session, type Sessions, Status } from '../../sessions/sessions.js';
import type { EventHandler, Platform, Reply } from '../platform.js';
import type { Replies } from '../replies.js';
import { beginEvents, checkOrigin, HttpRefusal, readBody, send, sendJson } from './http.js';
import { readMaskToken } from './maskLink.js';
import { RateLimit } from './rateLimit.js';
import { newVisitor, visitorOf } from './visitor.js';

export interface WebOptions {
  readonly host: string;
  readonly port: number;
  /** The address people use, when it is not http://host:port. */
  readonly publicUrl?: string | undefined;
  readonly secret: string;
  readonly sessions: Sessions;
  readonly replies: Replies;
  readonly metrics?: () => Promise<string>;
  /** What a visitor may send: so many at once, then so many a minute. */
  readonly rate?: readonly [burst: number, perMinute: number];
  /** Whether jobs can be done; the reason when not. */
  readonly ready?: () => Promise<string | undefined>;
  readonly logger?: { error(fields: object, text: string): void };
}

const PUBLIC = fileURLToPath(new URL('public/', import.meta.url));
const FILES: Record<string, [file: string, type: string]> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/dom.js': ['dom.js', 'text/javascript; charset=utf-8'],
  '/mask.js': ['mask.js', 'text/javascript; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
};
const MAX_PICTURE = 25 * 1024 * 1024;
const RATE = [30, 60] as const;
const MAX_WORDS = 16 * 1024;
const KEEP_ALIVE = 15_000;

/** What the page is told of a reply; pictures by address. */
interface ShownReply extends Pick<Reply, 'kind' | 'text' | 'actions' | 'items' | 'link'> {
  readonly id: string;
  readonly revision?: string;
  readonly picture?: { readonly src: string; readonly alt: string };
  readonly files?: readonly { readonly name: string; readonly href: string }[];
}

type Route = (at: {
  request: IncomingMessage;
  response: ServerResponse;
  visitor: string;
  args: string[];
}) => Promise<void>;

/** The conversation as a page on this machine. Threads belong to the browser that began them. */
export class WebPlatform implements Platform {
  readonly name = 'web' as const;
  #handle: EventHandler = async () => {};
  readonly #server: Server;
  readonly #listeners = new Map<string, Set<ServerResponse>>();
  readonly #limit: RateLimit;
  #hosts: ReadonlySet<string> = new Set();
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(private readonly options: WebOptions) {
    this.#limit = new RateLimit(...(options.rate ?? RATE));
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.requestTimeout = 60_000;
    this.#server.headersTimeout = 10_000;
  }

  async start(handle: EventHandler): Promise<void> {
    this.#handle = handle;
    const { host, port, publicUrl } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    });
    const bound = this.port;
    this.#hosts = new Set([
      ...[host, 'localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${bound}`),
      ...(publicUrl ? [new URL(publicUrl).host] : []),
    ]);
    this.#keepAlive = setInterval(() => {
      for (const listeners of this.#listeners.values())
        for (const response of listeners) response.write(': \n\n');
    }, KEEP_ALIVE);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    clearInterval(this.#keepAlive);
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The post's own id is its message id: a reply sent twice is one on the page. */
  async post(thread: string, reply: Reply, key: string): Promise<string> {
    const post = await this.options.sessions.prisma.post.findUnique({ where: { id: key } }).catch(() => null);
    this.#tell(thread, 'reply', shownReply(thread, key, reply, post?.revisionId ?? undefined));
    return key;
  }

  async update(thread: string, message: string, reply: Reply): Promise<void> {
    const preview =
      reply.picture && `data:image/png;base64,${Buffer.from(reply.picture.png).toString('base64')}`;
    this.#tell(thread, 'progress', { id: message, text: reply.text, ...(preview ? { preview } : {}) });
  }

  #tell(thread: string, event: string, data: unknown): void {
    for (const response of this.#listeners.get(thread) ?? [])
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  readonly #routes: [method: string, path: RegExp, route: Route][] = [
    ['GET', /^\/api\/threads$/, (at) => this.#threads(at)],
    ['POST', /^\/api\/threads$/, (at) => this.#upload(at)],
    ['GET', /^\/api\/threads\/([\w-]+)$/, (at) => this.#thread(at)],
    ['GET', /^\/api\/threads\/([\w-]+)\/events$/, (at) => this.#events(at)],
    ['POST', /^\/api\/threads\/([\w-]+)\/messages$/, (at) => this.#message(at)],
    ['GET', /^\/api\/threads\/([\w-]+)\/posts\/([\w-]+)\/(picture|\d+)$/, (at) => this.#postPicture(at)],
    [
      'GET',
      /^\/api\/threads\/([\w-]+)\/revisions\/([\w-]+)\/(picture|labels)$/,
      (at) => this.#revisionPicture(at),
    ],
    ['GET', /^\/mask\/([\w.-]+)$/, ({ response, args }) => this.#maskPage(response, args[0]!)],
    [
      'GET',
      /^\/mask\/([\w.-]+)\/(data|picture|labels)$/,
      ({ response, args }) => this.#maskData(response, args[0]!, args[1]!),
    ],
    [
      'POST',
      /^\/mask\/([\w.-]+)$/,
      ({ request, response, args }) => this.#maskSubmit(request, response, args[0]!),
    ],
  ];

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const path = decodeURI((request.url ?? '/').split('?')[0]!);
      if (request.method === 'GET' && (await this.#service(path, response))) return;
      checkOrigin(request, this.#hosts);
      let visitor = visitorOf(this.options.secret, request);
      const file = FILES[path];
      if (request.method === 'GET' && file) {
        const cookie = visitor ? undefined : newVisitor(this.options.secret).cookie;
        return send(
          response,
          200,
          file[1],
          readFileSync(PUBLIC + file[0]),
          cookie ? { 'Set-Cookie': cookie } : {},
        );
      }
      if (!visitor) {
        const made = newVisitor(this.options.secret);
        visitor = made.id;
        response.setHeader('Set-Cookie', made.cookie);
      }
      for (const [method, pattern, route] of this.#routes) {
        const match = method === request.method ? pattern.exec(path) : null;
        if (!match) continue;
        if (method === 'POST' && !this.#limit.take(visitor + (request.socket.remoteAddress ?? '')))
          throw new HttpRefusal(429, 'that was a lot at once: wait a minute');
        return await route({ request, response, visitor, args: match.slice(1) });
      }
      throw new HttpRefusal(404, 'there is nothing here');
    } catch (error) {
      this.#refuse(request, response, error);
    }
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const known = error instanceof HttpRefusal;
    if (!known) this.options.logger?.error({ err: error }, 'a request failed');
    if (response.headersSent) return void response.end();
    const status = known ? error.status : error instanceof URIError ? 400 : 500;
    const text = known ? error.message : 'something went wrong here: try again';
    const page = request.headers.accept?.includes('text/html');
    // what is left of a refused upload is not read
    const headers = { Connection: 'close' };
    if (page) send(response, status, 'text/plain; charset=utf-8', `${text}\n`, headers);
    else send(response, status, 'application/json; charset=utf-8', JSON.stringify({ error: text }), headers);
  }

  /** What a supervisor and Prometheus ask; of no person's pictures. */
  async #service(path: string, response: ServerResponse): Promise<boolean> {
    if (path === '/healthz') send(response, 200, 'text/plain', 'ok\n');
    else if (path === '/readyz') {
      const why = await this.options.ready?.();
      send(response, why ? 503 : 200, 'text/plain', `${why ?? 'ready'}\n`);
    } else if (path === '/metrics' && this.options.metrics)
      send(response, 200, 'text/plain; version=0.0.4', await this.options.metrics());
    else return false;
    return true;
  }

  /** @throws 404 for others' threads as for none: nobody learns which there are */
  async #mine(thread: string, visitor: string): Promise<Session> {
    const found = await this.options.sessions.prisma.session.findUnique({
      where: { platform_thread: { platform: this.name, thread } },
    });
    if (found?.owner !== visitor) throw new HttpRefusal(404, 'there is no such thread');
    return found;
  }

  readonly #threads: Route = async ({ response, visitor }) => {
    const mine = await this.options.sessions.prisma.session.findMany({
      where: { platform: this.name, owner: visitor },
      orderBy: { usedAt: 'desc' },
      take: 20,
      select: { thread: true },
    });
    sendJson(response, mine);
  };

  readonly #upload: Route = async ({ request, response, visitor }) => {
    const picture = await readBody(request, MAX_PICTURE);
    const thread = randomUUID();
    const id = randomUUID();
    await this.#handle({ id, platform: this.name, thread, user: visitor, kind: 'upload', picture });
    sendJson(response, { thread }, 201);
  };

  readonly #thread: Route = async ({ response, visitor, args }) => {
    const session = await this.#mine(args[0]!, visitor);
    const { prisma } = this.options.sessions;
    const [posts, revisions] = await Promise.all([
      prisma.post.findMany({
        where: { sessionId: session.id, message: { not: null } },
        orderBy: { order: 'asc' },
      }),
      prisma.revision.findMany({ where: { sessionId: session.id }, orderBy: { number: 'asc' } }),
    ]);
    const replies = await Promise.all(
      posts.map(async (post) =>
        shownReply(
          session.thread,
          post.id,
          await this.options.replies.of({ ...post, session }),
          post.revisionId ?? undefined,
        ),
      ),
    );
    const history = revisions.map(({ id, number, parentId, say, status, user }) => ({
      ...{ id, number, parent: parentId, say, status, mine: user === visitor },
      current: id === session.headId,
    }));
    sendJson(response, { replies, history, learning: session.learning });
  };

  readonly #events: Route = async ({ request, response, visitor, args }) => {
    const { thread } = await this.#mine(args[0]!, visitor);
    beginEvents(response);
    const listeners = this.#listeners.get(thread) ?? new Set();
    this.#listeners.set(thread, listeners.add(response));
    request.on('close', () => {
      listeners.delete(response);
      if (listeners.size === 0) this.#listeners.delete(thread);
    });
  };

  readonly #message: Route = async ({ request, response, visitor, args }) => {
    const { thread } = await this.#mine(args[0]!, visitor);
    const body = JSON.parse((await readBody(request, MAX_WORDS)).toString() || '{}') as Record<
      string,
      unknown
    >;
    const text = (name: string): string | undefined => {
      const value = body[name];
      return typeof value === 'string' && value.length <= 2000 ? value : undefined;
    };
    const origin = { id: text('id') ?? randomUUID(), platform: this.name, thread, user: visitor };
    const [emoji, message, replyTo] = [text('emoji'), text('message'), text('replyTo')];
    if (emoji && message) await this.#handle({ ...origin, kind: 'react', emoji, message });
    else
      await this.#handle({
        ...origin,
        kind: 'say',
        text: text('text') ?? '',
        ...(replyTo ? { replyTo } : {}),
      });
    sendJson(response, {}, 202);
  };

  readonly #postPicture: Route = async ({ response, visitor, args }) => {
    const session = await this.#mine(args[0]!, visitor);
    const post = await this.#post(session, args[1]!);
    const reply = await this.options.replies.of({ ...post, session });
    if (args[2] === 'picture' && reply.picture) return send(response, 200, 'image/png', reply.picture.png);
    const file = reply.files?.[Number(args[2])];
    if (!file) throw new HttpRefusal(404, 'there is no such picture');
    send(response, 200, 'application/octet-stream', file.bytes, {
      'Content-Disposition': `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`,
    });
  };

  async #post(session: Session, id: string): Promise<Post> {
    const post = await this.options.sessions.prisma.post.findFirst({ where: { id, sessionId: session.id } });
    if (!post) throw new HttpRefusal(404, 'there is no such picture');
    return post;
  }

  readonly #revisionPicture: Route = async ({ response, visitor, args }) => {
    const session = await this.#mine(args[0]!, visitor);
    await this.#sendRevision(response, session.id, args[1]!, args[2]!);
  };

  async #sendRevision(response: ServerResponse, sessionId: string, id: string, what: string): Promise<void> {
    const { prisma, blobs } = this.options.sessions;
    const revision = await prisma.revision.findFirst({ where: { id, sessionId, status: Status.DONE } });
    const key = what === 'labels' ? revision?.labelsKey : revision?.pictureKey;
    if (!key) throw new HttpRefusal(404, 'there is no such picture');
    send(response, 200, 'image/png', await blobs.get(key));
  }

  /** @throws 403 for a token we did not sign, 410 for one that has expired */
  async #claim(token: string) {
    const claim = readMaskToken(this.options.secret, token);
    if (claim === 'forged')
      throw new HttpRefusal(403, 'this link is not valid: say "reshape 3" in the thread for a new one');
    if (claim === 'expired')
      throw new HttpRefusal(410, 'this link has expired: say "reshape 3" in the thread for a new one');
    const { sessions } = this.options;
    const session = await sessions.prisma.session.findUnique({ where: { id: claim.session } });
    if (!session) throw new HttpRefusal(410, 'the thread of this link is forgotten');
    const { shown } = await sessions.standing(sessions.prisma, session);
    const item = itemsOf(shown)[claim.item];
    if (!shown || !item)
      throw new HttpRefusal(410, 'the item of this link is gone: say "show" in the thread');
    return { session, shown, item, index: claim.item };
  }

  async #maskPage(response: ServerResponse, token: string): Promise<void> {
    await this.#claim(token);
    send(response, 200, 'text/html; charset=utf-8', readFileSync(`${PUBLIC}mask.html`));
  }

  async #maskData(response: ServerResponse, token: string, what: string): Promise<void> {
    const { session, shown, item, index } = await this.#claim(token);
    if (what !== 'data') return await this.#sendRevision(response, session.id, shown.id, what);
    sendJson(response, { name: item.name, item: index, width: shown.width, height: shown.height });
  }

  async #maskSubmit(request: IncomingMessage, response: ServerResponse, token: string): Promise<void> {
    const { session, index } = await this.#claim(token);
    const attachment = await readBody(request, MAX_PICTURE);
    const id = `mask-${createHash('sha256').update(token).update(attachment).digest('hex')}`;
    const { platform, thread, owner } = session;
    await this.#handle({
      ...{ id, thread, attachment, user: owner, kind: 'say', text: `reshape ${index + 1}` },
      platform: platform as Platform['name'],
    });
    sendJson(response, {}, 202);
  }
}

function shownReply(thread: string, id: string, reply: Reply, revision: string | undefined): ShownReply {
  const { kind, text, actions, items, link, picture, files } = reply;
  const at = `/api/threads/${thread}/posts/${id}`;
  return {
    ...{ id, kind, text },
    ...(revision ? { revision } : {}),
    ...(actions ? { actions } : {}),
    ...(items ? { items } : {}),
    ...(link ? { link } : {}),
    ...(picture ? { picture: { src: `${at}/picture`, alt: picture.alt } } : {}),
    ...(files ? { files: files.map(({ name }, i) => ({ name, href: `${at}/${i}` })) } : {}),
  };
}
