import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong instead of, or after, the real answer. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** Slack's own answer, for example `{ ok: false, error: 'missing_scope', needed: 'files:write' }`. */
  | { readonly answer: object }
  /** No answer, ever. */
  | 'hang'
  /** The connection is cut before anything was done. */
  | 'reset'
  /** Everything is done, and the answer never arrives. */
  | 'lost';

/** A method of the Web API, or a pattern for it or for a file's path, or what tells the call. */
export type Which = string | RegExp | ((call: Call) => boolean);

export interface Call {
  /** A method of the Web API ("chat.postMessage"), or the path of a file. */
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
  readonly at: number;
}

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** Stands in front of an emulated Slack, writes down what is asked, and fails when it is told to. */
export class SlackProxy {
  readonly calls: Call[] = [];
  readonly #faults: { which: Which; fault: Fault; times: number }[] = [];
  readonly #hanging = new Set<ServerResponse>();
  readonly #server: Server;
  readonly #ready: Promise<void>;

  /** @param upstream where the emulated Slack is; without one only what was told to fail is answered */
  constructor(private readonly upstream?: () => string) {
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#ready = new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
  }

  async origin(): Promise<string> {
    await this.#ready;
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  fail(which: Which, fault: Fault, times = 1): void {
    this.#faults.push({ which, fault, times });
  }

  /** Always answers so. */
  stub(which: Which, answer: object): void {
    this.fail(which, { answer }, Infinity);
  }

  /** Nothing fails any more; what is always answered so stays. */
  mend(): void {
    for (const fault of this.#faults) if (fault.times < Infinity) fault.times = 0;
  }

  called(method: string): Call[] {
    return this.calls.filter((call) => call.method === method);
  }

  async close(): Promise<void> {
    for (const response of this.#hanging) response.destroy();
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, 'http://proxy');
    const method = pathname.startsWith('/api/') ? pathname.slice('/api/'.length) : pathname;
    const body = await read(request);
    const form = /urlencoded/.test(request.headers['content-type'] ?? '');
    const params = form ? Object.fromEntries(new URLSearchParams(body.toString())) : {};
    const call = { method, params, at: Date.now() };
    this.calls.push(call);
    const fault = this.#take(call);
    if (fault === 'hang') return void this.#hanging.add(response);
    if (fault === 'reset') return void response.destroy();
    if (fault && fault !== 'lost') {
      const { status, headers, text } =
        'answer' in fault
          ? {
              status: 200,
              headers: { 'content-type': 'application/json' },
              text: JSON.stringify(fault.answer),
            }
          : { status: fault.status, headers: fault.headers ?? {}, text: fault.body ?? '' };
      response.writeHead(status, headers).end(text);
      return;
    }
    if (!this.upstream) return void response.writeHead(404).end();
    const { host: _, connection: _c, 'content-length': _l, ...headers } = request.headers;
    const answer = await fetch(this.upstream() + request.url, {
      method: request.method!,
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(request.method === 'GET' ? {} : { body: new Uint8Array(body) }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (fault === 'lost') return void response.destroy();
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'application/octet-stream',
      'content-length': bytes.length,
    });
    response.end(bytes);
  }

  #take(call: Call): Fault | undefined {
    const fits = (which: Which): boolean => {
      if (typeof which === 'function') return which(call);
      return typeof which === 'string' ? which === call.method : which.test(call.method);
    };
    const fitting = this.#faults.filter(({ which, times }) => times > 0 && fits(which));
    // what is to fail a few times goes before what is always answered so
    const found = fitting.find(({ times }) => times < Infinity) ?? fitting.at(-1);
    if (found) found.times--;
    return found?.fault;
  }
}
