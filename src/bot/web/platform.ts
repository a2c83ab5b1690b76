import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EngineProgress } from '../../engine/engine.js';
import type { Sessions } from '../../sessions/sessions.js';
import type { EventHandler, Platform, Reply } from '../platform.js';
import type { Replies } from '../replies.js';
import { aboutRoutes } from './about.js';
import {
  addressOf,
  type At,
  checkOrigin,
  hostsOf,
  HttpRefusal,
  isLocal,
  type Route,
  send,
  tooMuch,
} from './http.js';
import { listenTrouble } from '../listen.js';
import { Listeners } from './listeners.js';
import { maskRoutes } from './masks.js';
import { sendFile, sendRefusal } from './pages.js';
import { RateLimit } from '../rateLimit.js';
import { Threads } from './threads.js';
import { newVisitor, visitorOf } from './visitor.js';
import { WorkBoard } from './workBoard.js';

export interface WebOptions {
  readonly host: string;
  readonly port: number;
  /** The address people use, when it is not http://host:port. */
  readonly publicUrl?: string | undefined;
  readonly secret: string;
  readonly sessions: Sessions;
  readonly replies: Replies;
  /** Their names, for the badge that says what one may expect. */
  readonly checkpoints?: readonly string[];
  readonly metrics?: () => Promise<string>;
  /** What a visitor may send: so many at once, then so many a minute. An address may send four times that. */
  readonly rate?: readonly [burst: number, perMinute: number];
  /** How long a connection may take to say what it wants, in ms. */
  readonly patience?: number;
  /** Whether jobs can be done; the reason when not. */
  readonly ready?: () => Promise<string | undefined>;
  readonly logger?: { error(fields: object, text: string): void };
}

const RATE = [30, 60] as const;
/** A household, an office or a proxy is one address. */
const PEOPLE_AT_AN_ADDRESS = 4;
/** How often an address may look for each time that a visitor may say something. */
const LOOKS = 20;
const MOST_CONNECTIONS = 2000;

/** The conversation as a page on this machine. Threads belong to the browser that began them. */
export class WebPlatform implements Platform {
  readonly name = 'web' as const;
  readonly #server: Server;
  readonly #listeners = new Listeners();
  readonly #board = new WorkBoard((thread, work) => this.#listeners.tell(thread, 'work', work));
  readonly #threads: Threads;
  readonly #routes: readonly Route[];
  readonly #perVisitor: RateLimit;
  readonly #perAddress: RateLimit;
  /** Looking costs less than saying, but not nothing: thumbnails are made, rows are read. */
  readonly #looks: RateLimit;
  /** Cookies thrown away are no way around a day's share. */
  readonly #uploadsPerAddress: RateLimit | undefined;
  #hosts: ReadonlySet<string> = new Set();
  #handle: EventHandler = async () => {};

  constructor(private readonly options: WebOptions) {
    const { secret, sessions, replies } = options;
    const [burst, perMinute] = options.rate ?? RATE;
    this.#perVisitor = new RateLimit(burst, perMinute);
    this.#perAddress = new RateLimit(burst * PEOPLE_AT_AN_ADDRESS, perMinute * PEOPLE_AT_AN_ADDRESS);
    this.#looks = new RateLimit(burst * LOOKS, perMinute * LOOKS);
    const daily = sessions.quotas.uploadsPerDay * PEOPLE_AT_AN_ADDRESS;
    if (daily > 0) this.#uploadsPerAddress = new RateLimit(daily, daily / (24 * 60));
    const handle: EventHandler = (event) => this.#handle(event);
    this.#threads = new Threads({
      ...{ sessions, replies, handle, listeners: this.#listeners },
      welcome: (at) => this.#welcome(at),
      addressOf: (request) => this.#address(request),
      onListener: (thread) => {
        const work = this.#board.current(thread);
        if (work) this.#listeners.tell(thread, 'work', work);
      },
    });
    this.#routes = [
      ...this.#threads.routes,
      ...maskRoutes({ secret, sessions, handle }),
      ...aboutRoutes(options.checkpoints ?? []),
    ];
    // a connection that says nothing, or says it drop by drop, is closed
    const { patience = 10_000 } = options;
    this.#server = createServer(
      {
        headersTimeout: patience,
        requestTimeout: 12 * patience,
        connectionsCheckingInterval: patience / 2,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
  }

  /** @throws UserError when the address cannot be listened on */
  async start(handle: EventHandler): Promise<void> {
    this.#handle = handle;
    const { host, port, publicUrl } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, resolve);
    }).catch((error: unknown) => {
      throw listenTrouble(error, `http://${host}:${port}`, 'WEB_PORT (or WEB_HOST), or WEB=off');
    });
    this.#hosts = hostsOf(host, this.port, publicUrl);
    this.#listeners.start();
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#listeners.stop();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The post's own id is its message id: a reply sent twice is one on the page. */
  async post(thread: string, reply: Reply, key: string): Promise<string> {
    const post = await this.options.sessions.views.post(key);
    this.#listeners.tell(
      thread,
      'reply',
      this.#threads.shown(thread, key, reply, post?.revisionId ?? undefined),
    );
    return key;
  }

  /** Progress is shown by `work`. */
  async update(): Promise<void> {}

  /** A finer picture is shown where the first one was. */
  async replace(thread: string, message: string, reply: Reply): Promise<string> {
    const post = await this.options.sessions.views.post(message);
    const revision = post?.revisionId ?? undefined;
    this.#listeners.tell(thread, 'reply', this.#threads.shown(thread, message, reply, revision));
    return message;
  }

  work(thread: string, progress: EngineProgress | undefined): void {
    this.#board.update(thread, progress);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const [raw = '/'] = (request.url ?? '/').split('?');
      const path = decodeURI(raw);
      const reading = request.method === 'GET' || request.method === 'HEAD';
      if (reading && !this.#looks.take(this.#address(request))) throw tooMuch();
      if (reading && (await this.#service(path, request, response))) return;
      checkOrigin(request, this.#hosts);
      if (this.#secure(request)) response.setHeader('Strict-Transport-Security', 'max-age=31536000');
      if (reading && sendFile({ request, response }, path)) return;
      const visitor = visitorOf(this.options.secret, request, this.#secure(request));
      const there = this.#routes.filter(([, pattern]) => pattern.test(path));
      const [, pattern, route] =
        there.find(([method]) => method === (reading ? 'GET' : request.method)) ?? refuse(there);
      if (!reading) this.#count(request, visitor);
      const args = pattern.exec(path)!.slice(1);
      await route({ request, response, visitor, args });
    } catch (error) {
      this.#refuse(request, response, error);
    }
  }

  /** @throws 429 */
  #count(request: IncomingMessage, visitor: string | undefined): void {
    const enough =
      this.#perAddress.take(this.#address(request)) && (!visitor || this.#perVisitor.take(visitor));
    if (!enough) throw tooMuch();
  }

  #address(request: IncomingMessage): string {
    return addressOf(request, this.options.publicUrl !== undefined);
  }

  /** Whether the browser came by the public address, over TLS. */
  #secure(request: IncomingMessage): boolean {
    const { publicUrl } = this.options;
    if (!publicUrl?.startsWith('https:')) return false;
    return new URL(publicUrl).host === request.headers.host?.toLowerCase();
  }

  /** Browsers become visitors with their first picture: only looking leaves no cookie. */
  #welcome({ request, response, visitor }: At): string {
    if (this.#uploadsPerAddress?.take(this.#address(request)) === false)
      throw new HttpRefusal(429, 'many pictures came from your address today: come back tomorrow');
    if (visitor) return visitor;
    const made = newVisitor(this.options.secret, this.#secure(request));
    response.setHeader('Set-Cookie', made.cookie);
    return made.id;
  }

  #refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    const known = error instanceof HttpRefusal;
    const status = known ? error.status : error instanceof URIError ? 400 : 500;
    // who went away while speaking is no failure here
    if (status === 500 && !request.socket.destroyed)
      this.options.logger?.error({ err: error }, 'a request failed');
    if (response.headersSent) return void response.destroy();
    const text = known
      ? error.message
      : status === 400
        ? 'this address is not written right'
        : 'something went wrong here: try again';
    // what is left of a refused upload is not read
    const headers = { ...(known ? error.headers : {}), Connection: 'close' };
    if (request.headers.accept?.includes('text/html')) sendRefusal(response, status, text, headers);
    else send(response, status, 'application/json; charset=utf-8', JSON.stringify({ error: text }), headers);
  }

  /** What a supervisor and Prometheus ask; of no person's pictures. Numbers are for this machine alone. */
  async #service(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (path === '/healthz') send(response, 200, 'text/plain', 'ok\n');
    else if (path === '/readyz') {
      const why = await this.options.ready?.();
      send(response, why ? 503 : 200, 'text/plain', `${why ?? 'ready'}\n`);
    } else if (path === '/metrics' && this.options.metrics && isLocal(request))
      send(response, 200, 'text/plain; version=0.0.4', await this.options.metrics());
    else return false;
    return true;
  }
}

/** @throws 404, or 405 with what can be asked at this address */
function refuse(there: readonly Route[]): never {
  if (there.length === 0) throw new HttpRefusal(404, 'there is nothing here');
  const methods = there.map(([method]) => (method === 'GET' ? 'GET, HEAD' : method)).join(', ');
  throw new HttpRefusal(405, 'this cannot be asked here', { Allow: methods });
}
