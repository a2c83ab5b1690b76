import { type IncomingMessage, type ServerResponse } from 'node:http';
import { GatewayDispatchEvents as Told, GatewayIntentBits as Intent } from 'discord-api-types/v10';
import { type Answer, type Interactions, pingsOf, refusal } from './interactions.js';
import { commandProblems, type FileFacts, messageProblems, threadProblems } from './limits.js';
import { type DoubleChannel, isThread, type World } from './world.js';

type Json = Record<string, unknown>;

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Json;
  readonly files: readonly FileFacts[];
  readonly at: number;
  status: number;
}

export interface Failure {
  readonly method: string;
  readonly path: RegExp;
  /** 0: no answer ever comes. */
  readonly status: number;
  readonly body?: object;
  /** Whether the work is done all the same, and only its answer lost. */
  readonly afterwards?: boolean;
  times: number;
}

interface Bucket {
  left: number;
  resetsAt: number;
}

/** Discord's REST API v10, as far as dedit uses it; what it does not know is a 404 and a violation. */
export class Rest {
  readonly requests: SeenRequest[] = [];
  readonly violations: string[] = [];
  readonly failures: Failure[] = [];
  readonly #buckets = new Map<string, Bucket>();
  maxFileBytes = 10 * 2 ** 20;
  /** Requests a bucket and window; a bucket is a method, a route and its channel. */
  bucketSize = 5;
  windowMs = 400;
  registered: Json[] = [];

  constructor(
    readonly world: World,
    readonly interactions: Interactions,
    readonly token: string,
  ) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://double');
    const file = this.world.files.get(url.pathname);
    if (file) {
      await new Promise((done) => setTimeout(done, this.world.slowFileMs));
      return void response.writeHead(200, { 'content-type': file.type }).end(file.bytes);
    }
    const path = url.pathname.replace(/^\/api\/v10/, '');
    const method = request.method ?? 'GET';
    const { body, files } = await readBody(request);
    const seen: SeenRequest = { method, path, body, files, at: performance.now(), status: 0 };
    this.requests.push(seen);
    const headers: Record<string, string> = {};
    const answer = this.#limited(method, path, headers) ?? this.#answer(request, url, seen);
    seen.status = answer.status;
    if (answer.status === 0) return;
    if (answer.body !== undefined) headers['content-type'] = 'application/json';
    response.writeHead(answer.status, headers);
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  /** Rate limits as headers, and as 429 for those who do not heed them. */
  #limited(method: string, path: string, headers: Record<string, string>): Answer | undefined {
    if (path.startsWith('/interactions/') || path.startsWith('/gateway')) return undefined;
    const [, major, id = ''] = path.split('/');
    const route = path
      .split('/')
      .slice(3)
      .join('/')
      .replace(/\d{6,}/g, ':id');
    const key = `${method}:${major}:${route}`;
    const now = performance.now();
    const at = `${key}:${id}`;
    let bucket = this.#buckets.get(at);
    if (!bucket || bucket.resetsAt <= now) {
      bucket = { left: this.bucketSize, resetsAt: now + this.windowMs };
      this.#buckets.set(at, bucket);
    }
    const resetAfter = (bucket.resetsAt - now) / 1000;
    const over = bucket.left <= 0;
    bucket.left = Math.max(0, bucket.left - 1);
    Object.assign(headers, {
      'x-ratelimit-limit': String(this.bucketSize),
      'x-ratelimit-remaining': String(bucket.left),
      'x-ratelimit-reset': String((Date.now() + resetAfter * 1000) / 1000),
      'x-ratelimit-reset-after': String(resetAfter),
      'x-ratelimit-bucket': Buffer.from(key).toString('hex').slice(0, 32),
    });
    if (!over) return undefined;
    headers['retry-after'] = String(resetAfter);
    headers['x-ratelimit-scope'] = 'user';
    return {
      status: 429,
      body: { message: 'You are being rate limited.', retry_after: resetAfter, global: false },
    };
  }

  #answer(request: IncomingMessage, url: URL, seen: SeenRequest): Answer {
    const { method, path } = seen;
    const failing = this.failures.find((f) => f.times > 0 && f.method === method && f.path.test(path));
    if (failing) {
      failing.times--;
      if (failing.afterwards) this.#route(url, seen);
      return { status: failing.status, body: failing.body ?? { message: 'Internal Server Error' } };
    }
    const open = path.startsWith('/interactions/') || path.startsWith('/webhooks/');
    if (!open && request.headers.authorization !== `Bot ${this.token}`)
      return refusal(401, 0, '401: Unauthorized');
    if (seen.files.some(({ bytes }) => bytes.length > this.maxFileBytes))
      return refusal(413, 40005, 'Request entity too large');
    return this.#route(url, seen);
  }

  #route(url: URL, seen: SeenRequest): Answer {
    const { method, path, body, files } = seen;
    const { world, interactions } = this;
    const part = path.split('/').slice(1).map(decodeURIComponent);
    const is = (verb: string, pattern: RegExp) => method === verb && pattern.test(path);
    if (is('GET', /^\/gateway\/bot$/))
      return {
        status: 200,
        body: {
          url: `${world.base.replace('http', 'ws')}/gateway`,
          shards: 1,
          session_start_limit: { total: 1000, remaining: 1000, reset_after: 0, max_concurrency: 16 },
        },
      };
    if (is('GET', /^\/(oauth2\/)?applications\/@me$/)) return { status: 200, body: { id: world.bot.id } };
    if (is('GET', /^\/users\/\d+$/)) {
      const user = world.users.get(part[1]!);
      return user ? { status: 200, body: user } : refusal(404, 10013, 'Unknown User');
    }
    if (is('GET', /^\/guilds\/\d+\/members\/\d+$/)) {
      const user = world.users.get(part[3]!);
      return user ? { status: 200, body: world.member(user) } : refusal(404, 10007, 'Unknown Member');
    }
    if (is('PUT', /^\/applications\/\d+(\/guilds\/\d+)?\/commands$/)) {
      const commands = body as unknown as Json[];
      const wrong = commandProblems(commands);
      if (wrong.length > 0) return this.#invalid(wrong);
      this.registered = commands;
      return { status: 200, body: commands };
    }
    if (is('POST', /^\/interactions\/\d+\/[^/]+\/callback$/))
      return interactions.callback(part[2]!, body, files);
    if (/^\/webhooks\/\d+\//.test(path)) return interactions.webhook(method, part[2]!, part[4], body, files);
    if (part[0] === 'channels') return this.#channel(url, seen, part);
    this.violations.push(`the double knows no ${method} ${path}`);
    return refusal(404, 0, '404: Not Found');
  }

  #invalid(problems: readonly string[]): Answer {
    this.violations.push(...problems);
    return refusal(400, 50035, `Invalid Form Body: ${problems.join('; ')}`);
  }

  #channel(url: URL, seen: SeenRequest, part: readonly string[]): Answer {
    const { world } = this;
    const { method, body } = seen;
    const channel = world.channels.get(part[1]!);
    if (!channel) return refusal(404, 10003, 'Unknown Channel');
    if (!world.botMay(channel, 'ViewChannel')) return refusal(403, 50001, 'Missing Access');
    const what = `${method} ${part
      .slice(2)
      .map((p) => (/^\d+$/.test(p) ? ':id' : p))
      .join('/')}`;
    const messages = world.messages.get(channel.id)!;
    const message = messages.get(part[3] ?? '');
    switch (what) {
      case 'GET ':
        return { status: 200, body: channel };
      case 'PATCH ':
        return this.#patchChannel(channel, body);
      case 'GET messages':
        if (!world.botMay(channel, 'ReadMessageHistory')) return { status: 200, body: [] };
        return {
          status: 200,
          body: [...messages.values()]
            .filter((m) => m.onlyFor === undefined)
            .reverse()
            .slice(0, Number(url.searchParams.get('limit') ?? 50))
            .map((m) => world.asTold(m)),
        };
      case 'PUT thread-members/:id':
        if (!isThread(channel)) return refusal(404, 10003, 'Unknown Channel');
        world.members.set(channel.id, (world.members.get(channel.id) ?? new Set()).add(part[3]!));
        return { status: 204 };
      case 'POST messages':
        return this.#post(channel, seen);
      case 'POST threads':
      case 'POST messages/:id/threads':
        return this.#thread(channel, body, part[3]);
    }
    if (!message || message.onlyFor !== undefined) return refusal(404, 10008, 'Unknown Message');
    switch (what) {
      case 'GET messages/:id':
        if (!world.botMay(channel, 'ReadMessageHistory')) return refusal(403, 50001, 'Missing Access');
        return { status: 200, body: world.asTold(message) };
      case 'PATCH messages/:id':
        return this.#edit(channel, message, seen);
    }
    this.violations.push(`the double knows no ${what} of channels`);
    return refusal(404, 0, '404: Not Found');
  }

  #patchChannel(channel: DoubleChannel, body: Json): Answer {
    if (!isThread(channel)) return refusal(403, 50013, 'Missing Permissions');
    const { locked } = channel.thread_metadata!;
    const mayManage = this.world.botMay(channel, 'ManageThreads');
    if (locked && !mayManage) return refusal(403, 50013, 'Missing Permissions');
    this.world.patchThread(channel, body);
    return { status: 200, body: channel };
  }

  #mayWrite(channel: DoubleChannel, files: readonly FileFacts[]): Answer | undefined {
    const { world } = this;
    const send = isThread(channel) ? 'SendMessagesInThreads' : 'SendMessages';
    if (!world.botMay(channel, send)) return refusal(403, 50013, 'Missing Permissions');
    if (files.length > 0 && !world.botMay(channel, 'AttachFiles'))
      return refusal(403, 50013, 'Missing Permissions');
    return undefined;
  }

  #post(channel: DoubleChannel, { body, files }: SeenRequest): Answer {
    const { world } = this;
    const problems = messageProblems(body, files, [], false);
    if (problems.length > 0) return this.#invalid(problems);
    const refused = this.#mayWrite(channel, files);
    if (refused) return refused;
    if (channel.thread_metadata?.archived) {
      if (channel.thread_metadata.locked) return refusal(400, 50083, 'Thread is archived');
      world.patchThread(channel, { archived: false });
    }
    const nonce = body['enforce_nonce'] === true ? (body['nonce'] as string) : undefined;
    const before =
      nonce && [...world.messages.get(channel.id)!.values()].find(({ seenNonce }) => seenNonce === nonce);
    if (before) return { status: 200, body: world.asTold(before) };
    const made = world.addMessage(
      channel.id,
      world.bot,
      {
        content: body['content'] as string,
        components: (body['components'] ?? []) as object[],
        attachments: world.attach(files, (body['attachments'] ?? []) as Json[]),
        ...(body['message_reference']
          ? { message_reference: body['message_reference'] as { message_id: string } }
          : {}),
        ...(nonce !== undefined && { nonce }),
      },
      { pings: pingsOf(body) },
    );
    return { status: 200, body: world.asTold(made) };
  }

  #edit(
    channel: DoubleChannel,
    message: Parameters<World['asTold']>[0],
    { body, files }: SeenRequest,
  ): Answer {
    const { world } = this;
    const kept = message.attachments.map(({ id }) => id);
    const problems = messageProblems(body, files, kept, true);
    if (problems.length > 0) return this.#invalid(problems);
    if (message.author.id !== world.bot.id)
      return refusal(403, 50005, 'Cannot edit a message authored by another user');
    if (channel.thread_metadata?.archived) return refusal(400, 50083, 'Thread is archived');
    if (body['content'] !== undefined) message.content = (body['content'] as string | null) ?? '';
    if (body['components'] !== undefined) message.components = body['components'] as never;
    const listed = body['attachments'] as Json[] | undefined;
    const left = listed
      ? message.attachments.filter(({ id }) => listed.some((a) => String(a['id']) === id))
      : message.attachments;
    message.attachments = [...left, ...world.attach(files, listed ?? [])] as never;
    message.edits++;
    const told = { ...world.asTold(message), guild_id: channel.guild_id };
    world.tell(Told.MessageUpdate, told, channel, Intent.GuildMessages, Intent.DirectMessages);
    return { status: 200, body: world.asTold(message) };
  }

  #thread(channel: DoubleChannel, body: Json, message: string | undefined): Answer {
    const { world } = this;
    const problems = threadProblems(body);
    if (problems.length > 0) return this.#invalid(problems);
    if (isThread(channel) || channel.guild_id === undefined)
      return refusal(400, 50024, 'Cannot execute action on this channel type');
    if (!world.botMay(channel, 'CreatePublicThreads')) return refusal(403, 50013, 'Missing Permissions');
    if (message !== undefined && world.channels.has(message))
      return refusal(400, 160004, 'A thread has already been created for this message');
    const minutes = body['auto_archive_duration'] as number | undefined;
    const made = world.addThread(channel.id, body['name'] as string, world.bot.id, message, minutes);
    return { status: 201, body: made };
  }
}

async function readBody(request: IncomingMessage): Promise<{ body: Json; files: FileFacts[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const type = request.headers['content-type'] ?? '';
  if (raw.length === 0) return { body: {}, files: [] };
  if (!type.startsWith('multipart/form-data')) return { body: JSON.parse(raw.toString()) as Json, files: [] };
  const form = await new Response(raw, { headers: { 'content-type': type } }).formData();
  const files: FileFacts[] = [];
  for (let id = 0; id < 20; id++) {
    const file = form.get(`files[${id}]`);
    if (file !== null && typeof file !== 'string')
      files.push({ id, name: file.name, bytes: Buffer.from(await file.arrayBuffer()) });
  }
  return { body: JSON.parse(String(form.get('payload_json') ?? '{}')) as Json, files };
}
