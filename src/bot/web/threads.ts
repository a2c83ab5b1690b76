import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import { itemsOf, type Post, type Session, type Sessions, Status } from '../../sessions/sessions.js';
import type { EventHandler, Reply } from '../platform.js';
import { Recent } from '../recent.js';
import type { Replies } from '../replies.js';
import {
  type At,
  HttpRefusal,
  readBody,
  readFields,
  type Route,
  send,
  sendJson,
  sendPicture,
} from './http.js';
import type { Listeners } from './listeners.js';
import { Slots } from './slots.js';

const MAX_PICTURE = 25 * 1024 * 1024;
const MAX_WORDS = 16 * 1024;
/** Uploads on their way at once: from one address, and from all. */
const UPLOADS = [3, 20] as const;
/** Threads a browser is shown to go back to. */
const MOST_THREADS = 20;
const THUMB = 360;
/** Replies whose words are remembered, so that nobody reads the pictures of a whole thread to list it. */
const MOST_SHOWN = 5000;

/** What the page is told of a reply; pictures by address. */
interface ShownReply extends Pick<Reply, 'kind' | 'text' | 'actions' | 'items' | 'link'> {
  readonly id: string;
  readonly revision?: string;
  readonly picture?: { readonly src: string; readonly thumb: string; readonly alt: string };
  readonly files?: readonly { readonly name: string; readonly href: string }[];
}

export interface ThreadsOptions {
  readonly sessions: Sessions;
  readonly replies: Replies;
  readonly listeners: Listeners;
  readonly handle: EventHandler;
  /** The visitor of this request, made now if the browser is none yet. */
  readonly welcome: (at: At) => string;
  readonly addressOf: (request: At['request']) => string;
}

/** The conversation of a browser: threads belong to the browser that began them. */
export class Threads {
  readonly #shown = new Recent<ShownReply>(MOST_SHOWN);
  readonly #uploads = new Slots(...UPLOADS);

  constructor(private readonly options: ThreadsOptions) {}

  readonly routes: readonly Route[] = [
    ['GET', /^\/api\/threads$/, (at) => this.#list(at)],
    ['POST', /^\/api\/threads$/, (at) => this.#upload(at)],
    ['GET', /^\/api\/threads\/([\w-]+)$/, (at) => this.#thread(at)],
    ['GET', /^\/api\/threads\/([\w-]+)\/events$/, (at) => this.#events(at)],
    ['POST', /^\/api\/threads\/([\w-]+)\/messages$/, (at) => this.#message(at)],
    ['GET', /^\/api\/threads\/([\w-]+)\/posts\/([\w-]+)\/(picture|thumb)$/, (at) => this.#postPicture(at)],
    ['GET', /^\/api\/threads\/([\w-]+)\/posts\/([\w-]+)\/(\d{1,2})$/, (at) => this.#postFile(at)],
    [
      'GET',
      /^\/api\/threads\/([\w-]+)\/revisions\/([\w-]+)\/(picture|labels|overlay|thumb)$/,
      (at) => this.#revisionPicture(at),
    ],
  ];

  /** A reply as the page is told of it; the words of one that was told once are not made again. */
  shown(thread: string, id: string, reply: Reply, revision: string | undefined): ShownReply {
    const made = shownReply(thread, id, reply, revision);
    this.#shown.set(id, made);
    return made;
  }

  /** @throws 404 for others' threads as for none: nobody learns which there are */
  async #mine({ visitor, args }: At): Promise<Session> {
    const found = await this.options.sessions.views.inThread('web', args[0]!);
    if (!visitor || found?.owner !== visitor) throw new HttpRefusal(404, 'there is no such thread');
    return found;
  }

  async #list({ response, visitor }: At): Promise<void> {
    const { sessions } = this.options;
    const mine = visitor ? await sessions.views.threadsOf('web', visitor, MOST_THREADS) : [];
    const threads = await Promise.all(
      mine.map(async (session) => {
        const { shown, parent } = await sessions.standingNow(session);
        // a file that was no picture is nothing to go back to
        if (!shown && (parent?.status === Status.FAILED || parent?.status === Status.CANCELLED)) return [];
        return {
          ...{ thread: session.thread, usedAt: session.usedAt },
          ...(shown ? { revision: shown.id, say: shown.edit ? shown.say : '' } : {}),
          items: itemsOf(shown).map(({ name }) => name),
        };
      }),
    );
    sendJson(response, threads.flat());
  }

  async #upload(at: At): Promise<void> {
    const { request, response } = at;
    const release = this.#uploads.take(this.options.addressOf(request));
    if (!release)
      throw new HttpRefusal(429, 'other pictures are still on their way: send this one after them');
    try {
      const picture = await readBody(request, MAX_PICTURE);
      const [thread, id] = [randomUUID(), randomUUID()];
      const user = this.options.welcome(at);
      await this.options.handle({ id, platform: 'web', thread, user, kind: 'upload', picture });
      if (!(await this.options.sessions.views.inThread('web', thread)))
        throw new HttpRefusal(507, 'this picture cannot be kept here now: try again later');
      sendJson(response, { thread }, 201);
    } finally {
      release();
    }
  }

  async #thread(at: At): Promise<void> {
    const session = await this.#mine(at);
    const { views } = this.options.sessions;
    const [posts, revisions, learning] = await Promise.all([
      views.told(session.id),
      views.revisions(session.id),
      views.learning(session.id),
    ]);
    const replies = await Promise.all(
      posts.map(
        async (post) =>
          this.#shown.get(post.id) ??
          this.shown(
            session.thread,
            post.id,
            await this.options.replies.of({ ...post, session }),
            post.revisionId ?? undefined,
          ),
      ),
    );
    const history = revisions.map((revision) => ({
      ...{ id: revision.id, number: revision.number, parent: revision.parentId, say: revision.say },
      ...{ status: revision.status, width: revision.width, height: revision.height },
      items: itemsOf(revision).map(({ name }) => name),
      current: revision.id === session.headId,
    }));
    sendJson(at.response, { replies, history, learning });
  }

  async #events(at: At): Promise<void> {
    const { thread, owner } = await this.#mine(at);
    this.options.listeners.add(thread, owner, at.response);
  }

  async #message(at: At): Promise<void> {
    const { thread, owner } = await this.#mine(at);
    const body = await readFields(at.request, MAX_WORDS);
    const text = (name: string): string | undefined => {
      const value = body[name];
      if (value === undefined) return undefined;
      if (typeof value !== 'string' || value.length > 2000)
        throw new HttpRefusal(400, `"${name}" is to be a text of at most 2000 characters`);
      return value;
    };
    // another visitor's event of the same name is another event
    const id = `${owner}-${text('id') ?? randomUUID()}`;
    const origin = { id, platform: 'web', thread, user: owner } as const;
    const [emoji, message, replyTo, said] = ['emoji', 'message', 'replyTo', 'text'].map(text);
    if (emoji && message) await this.options.handle({ ...origin, kind: 'react', emoji, message });
    else if (said?.trim())
      await this.options.handle({ ...origin, kind: 'say', text: said, ...(replyTo ? { replyTo } : {}) });
    else throw new HttpRefusal(400, 'there is nothing said: "text", or "emoji" and "message"');
    sendJson(at.response, {}, 202);
  }

  async #postPicture(at: At): Promise<void> {
    const session = await this.#mine(at);
    const [, id, what] = at.args;
    const post = await this.#post(session, id!);
    await sendPicture(at, `${post.id}-${what}`, async () => {
      const { picture } = await this.options.replies.of({ ...post, session });
      if (!picture) throw new HttpRefusal(404, 'there is no such picture');
      return what === 'thumb' ? await thumb(picture.png) : picture.png;
    });
  }

  async #postFile(at: At): Promise<void> {
    const session = await this.#mine(at);
    const post = await this.#post(session, at.args[1]!);
    const { files } = await this.options.replies.of({ ...post, session });
    const file = files?.[Number(at.args[2])];
    if (!file) throw new HttpRefusal(404, 'there is no such file');
    send(at.response, 200, 'application/octet-stream', file.bytes, {
      'Content-Disposition': `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`,
    });
  }

  async #post(session: Session, id: string): Promise<Post> {
    const post = await this.options.sessions.views.post(id);
    if (post?.sessionId !== session.id) throw new HttpRefusal(404, 'there is no such picture');
    return post;
  }

  async #revisionPicture(at: At): Promise<void> {
    const session = await this.#mine(at);
    const [, id, what] = at.args as [string, string, RevisionPicture];
    await sendPicture(
      at,
      `${id}-${what}`,
      await revisionPicture(this.options.sessions, session.id, id, what),
    );
  }
}

type RevisionPicture = 'picture' | 'labels' | 'overlay' | 'thumb';

/** Reads a finished revision's picture. @throws 404 when the session has none of that name */
export async function revisionPicture(
  sessions: Sessions,
  sessionId: string,
  id: string,
  what: RevisionPicture,
): Promise<() => Promise<Uint8Array>> {
  const { views, blobs } = sessions;
  const revision = await views.picture(sessionId, id);
  const key =
    { labels: revision?.labelsKey, overlay: revision?.overlayKey }[what as string] ?? revision?.pictureKey;
  if (!key) throw new HttpRefusal(404, 'there is no such picture');
  return async () => (what === 'thumb' ? await thumb(await blobs.get(key)) : await blobs.get(key));
}

const thumb = async (png: Uint8Array): Promise<Uint8Array> =>
  await sharp(png)
    .resize({ width: THUMB, height: THUMB, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();

function shownReply(thread: string, id: string, reply: Reply, revision: string | undefined): ShownReply {
  const { kind, text, actions, items, link, picture, files } = reply;
  const at = `/api/threads/${thread}/posts/${id}`;
  return {
    ...{ id, kind, text },
    ...(revision ? { revision } : {}),
    ...(actions ? { actions } : {}),
    ...(items ? { items } : {}),
    ...(link ? { link } : {}),
    ...(picture ? { picture: { src: `${at}/picture`, thumb: `${at}/thumb`, alt: picture.alt } } : {}),
    ...(files ? { files: files.map(({ name }, i) => ({ name, href: `${at}/${i}` })) } : {}),
  };
}
