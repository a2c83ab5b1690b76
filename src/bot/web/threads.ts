import { randomUUID } from 'node:crypto';
import { type Edit, regroups, itemsIn } from '../../engine/edits/index.js';
import {
  itemsOf,
  type Post,
  type Revision,
  type Session,
  type Sessions,
  Status,
} from '../../sessions/sessions.js';
import { checkReadable } from '../firstBytes.js';
import { MAX_FIELD, MAX_PICTURE } from '../limits.js';
import type { EventHandler, Reply } from '../platform.js';
import { Recent } from '../recent.js';
import type { Replies } from '../replies.js';
import { downloadRoutes } from './downloads.js';
import { galleryRoutes, mineOf, sessionOf } from './gallery.js';
import {
  type At,
  HttpRefusal,
  readBody,
  readFields,
  type Route,
  send,
  sendJson,
  sendPicture,
  tooMuch,
} from './http.js';
import type { Listeners } from './listeners.js';
import { checkMask, MAX_MASK } from './masks.js';
import { type PictureName, PICTURES, revisionPicture, thumb } from './pictures.js';
import { Slots } from './slots.js';
import type { ShownReply, ShownRevision, ThreadState } from './wire.js';

const MAX_WORDS = 16 * 1024;
/** Ids are UUIDs, an emoji is a few characters. */
const MAX_NAME = 200;
/** Uploads on their way at once: from one address, and from all. */
const UPLOADS = [3, 20] as const;
/** Replies whose words are remembered, so that nobody reads the pictures of a whole thread to list it. */
const MOST_SHOWN = 5000;

export interface ThreadsOptions {
  readonly sessions: Sessions;
  readonly replies: Replies;
  readonly listeners: Listeners;
  readonly handle: EventHandler;
  /** The visitor of this request, made now if the browser is none yet. */
  readonly welcome: (at: At) => string;
  readonly addressOf: (request: At['request']) => string;
  /** A page listens to the thread from now on. */
  readonly onListener: (thread: string) => void;
}

/** The conversation of a browser: threads belong to the browser that began them. */
export class Threads {
  readonly #shown = new Recent<ShownReply>(MOST_SHOWN);
  readonly #uploads = new Slots(...UPLOADS);
  readonly routes: readonly Route[];

  constructor(private readonly options: ThreadsOptions) {
    const { sessions } = options;
    const post = String.raw`^/api/(threads|shared)/([\w-]+)/posts/([\w-]+)`;
    const revision = String.raw`^/api/(threads|shared)/([\w-]+)/revisions/([\w-]+)`;
    this.routes = [
      ...galleryRoutes(sessions, (at) => mineOf(sessions, at)),
      ...downloadRoutes(sessions, (at) => sessionOf(sessions, at)),
      ['POST', /^\/api\/threads$/, (at) => this.#upload(at)],
      ['GET', /^\/api\/(threads|shared)\/([\w-]+)$/, (at) => this.#thread(at)],
      ['GET', /^\/api\/(threads)\/([\w-]+)\/events$/, (at) => this.#events(at)],
      ['POST', /^\/api\/(threads)\/([\w-]+)\/messages$/, (at) => this.#message(at)],
      ['POST', /^\/api\/(threads)\/([\w-]+)\/references$/, (at) => this.#reference(at)],
      ['POST', /^\/api\/(threads)\/([\w-]+)\/revisions\/([\w-]+)\/mask$/, (at) => this.#mask(at)],
      ['GET', new RegExp(`${post}/(picture|thumb)$`), (at) => this.#postPicture(at)],
      ['GET', new RegExp(`${post}/(\\d{1,2})$`), (at) => this.#postFile(at)],
      ['GET', new RegExp(`${revision}/(${PICTURES.join('|')})$`), (at) => this.#revisionPicture(at)],
    ];
  }

  /** A reply as the page is told of it; the words of one that was told once are not made again. */
  shown(thread: string, id: string, reply: Reply, revision: string | undefined): ShownReply {
    const made = shownReply(thread, id, reply, revision);
    this.#shown.set(id, made);
    return made;
  }

  async #upload(at: At): Promise<void> {
    const { request, response } = at;
    const release = this.#uploads.take(this.options.addressOf(request));
    if (!release)
      throw new HttpRefusal(429, 'other pictures are still on their way: send this one after them');
    try {
      const picture = await readBody(request, MAX_PICTURE);
      checkPicture(picture);
      const [thread, id] = [randomUUID(), randomUUID()];
      const user = this.options.welcome(at);
      const items = new URL(request.url!, 'http://here').searchParams.get('items')?.slice(0, MAX_FIELD);
      const taken = await this.options.handle({
        ...{ id, platform: 'web', thread, user, kind: 'upload', picture },
        ...(items ? { items } : {}),
      });
      if (taken === 'dropped') throw tooMuch();
      if (!(await this.options.sessions.views.inThread('web', thread)))
        throw new HttpRefusal(507, 'this picture cannot be kept here now: try again later');
      sendJson(response, { thread }, 201);
    } finally {
      release();
    }
  }

  async #thread(at: At): Promise<void> {
    const { sessions } = this.options;
    const session = await sessionOf(sessions, at);
    const readOnly = at.args[0] === 'shared';
    const [posts, revisions, learning] = await Promise.all([
      readOnly ? [] : sessions.views.told(session.id),
      sessions.views.revisions(session.id),
      sessions.views.learning(session.id),
    ]);
    const state: ThreadState = {
      ...{ title: session.title, checkpoint: session.checkpoint, readOnly },
      ...(learning ? { learning } : {}),
      asks: !readOnly && !learning && asks(revisions),
      share: session.shareKey && !readOnly ? `/shared/${session.shareKey}` : null,
      // a finer picture is told in the message of the first one
      replies: await Promise.all(
        posts
          .filter(({ notice }) => (notice as { kind?: string }).kind !== 'refined')
          .map((post) => this.#told(session, post)),
      ),
      history: revisions.map((revision) => shownRevision(session, revision)),
    };
    sendJson(at.response, state);
  }

  async #told(session: Session, post: Post): Promise<ShownReply> {
    const known = this.#shown.get(post.id);
    if (known) return known;
    const reply = await this.options.replies.of({ ...post, session });
    return this.shown(session.thread, post.id, reply, post.revisionId ?? undefined);
  }

  async #events(at: At): Promise<void> {
    const { thread, owner } = await mineOf(this.options.sessions, at);
    this.options.listeners.add(thread, owner, this.options.addressOf(at.request), at.response);
    this.options.onListener(thread);
  }

  async #message(at: At): Promise<void> {
    const { thread, owner } = await mineOf(this.options.sessions, at);
    const body = await readFields(at.request, MAX_WORDS);
    const text = (name: string): string | undefined => {
      const value = body[name];
      if (value === undefined) return undefined;
      if (typeof value !== 'string' || value.length > 2000)
        throw new HttpRefusal(400, `"${name}" is to be a text of at most 2000 characters`);
      if (value.includes('\0') || (name !== 'text' && value.length > MAX_NAME))
        throw new HttpRefusal(400, `"${name}" is not written right`);
      return value;
    };
    // another visitor's event of the same name is another event
    const id = `${owner}-${text('id') ?? randomUUID()}`;
    const origin = { id, platform: 'web', thread, user: owner } as const;
    const [emoji, message, replyTo, said] = ['emoji', 'message', 'replyTo', 'text'].map(text);
    let taken: Awaited<ReturnType<EventHandler>>;
    if (emoji && message) taken = await this.options.handle({ ...origin, kind: 'react', emoji, message });
    else if (said?.trim())
      taken = await this.options.handle({
        ...{ ...origin, kind: 'say', text: said, kept: true },
        ...(replyTo ? { replyTo } : {}),
      });
    else throw new HttpRefusal(400, 'there is nothing said: "text", or "emoji" and "message"');
    if (taken === 'dropped') throw tooMuch();
    sendJson(at.response, {}, 202);
  }

  /** Another picture whose items may be used in this thread. */
  async #reference(at: At): Promise<void> {
    const { thread, owner } = await mineOf(this.options.sessions, at);
    const release = this.#uploads.take(this.options.addressOf(at.request));
    if (!release)
      throw new HttpRefusal(429, 'other pictures are still on their way: send this one after them');
    try {
      const attachment = await readBody(at.request, MAX_PICTURE);
      const origin = { id: randomUUID(), platform: 'web', thread, user: owner } as const;
      const taken = await this.options.handle({ ...origin, kind: 'say', text: '', attachment });
      if (taken === 'dropped') throw tooMuch();
      sendJson(at.response, {}, 202);
    } finally {
      release();
    }
  }

  /** An item's new outline, drawn in the page: a mask as large as the picture, said as words with an attachment. */
  async #mask(at: At): Promise<void> {
    const { sessions } = this.options;
    const { id, thread, owner } = await mineOf(sessions, at);
    const asked = new URL(at.request.url!, 'http://here').searchParams;
    const [text, event] = [asked.get('say') ?? '', asked.get('id') ?? randomUUID()];
    if (!text.trim() || text.length > 200 || event.length > 100)
      throw new HttpRefusal(400, 'say what the outline is for: "say"');
    const revision = await sessions.views.picture(id, at.args[2]!);
    const { shown } = await sessions.standingNow((await sessions.views.session(id))!);
    if (!revision) throw new HttpRefusal(404, 'there is no such picture');
    const attachment = await readBody(at.request, MAX_MASK);
    checkMask(attachment, revision);
    const replyTo =
      shown?.id === revision.id
        ? undefined
        : (await sessions.views.told(id)).find((post) => post.revisionId === revision.id)?.message;
    const taken = await this.options.handle({
      ...{ id: `${owner}-${event}`, platform: 'web', thread, user: owner },
      ...{ kind: 'say', text, attachment, kept: true },
      ...(replyTo ? { replyTo } : {}),
    });
    if (taken === 'dropped') throw tooMuch();
    sendJson(at.response, {}, 202);
  }

  async #postPicture(at: At): Promise<void> {
    const [, , id, what] = at.args;
    const [session, post] = await this.#post(at, id!);
    const type = what === 'thumb' ? 'image/webp' : 'image/png';
    await sendPicture(
      at,
      `${post.id}-${what}`,
      async () => {
        const { picture } = await this.options.replies.of({ ...post, session });
        if (!picture) throw new HttpRefusal(404, 'there is no such picture');
        return what === 'thumb' ? await thumb(picture.png) : picture.png;
      },
      type,
    );
  }

  async #postFile(at: At): Promise<void> {
    const [session, post] = await this.#post(at, at.args[2]!);
    const { files } = await this.options.replies.of({ ...post, session });
    const file = files?.[Number(at.args[3])];
    if (!file) throw new HttpRefusal(404, 'there is no such file');
    send(at.response, 200, 'application/octet-stream', file.bytes, {
      'Content-Disposition': `attachment; filename="${file.name.replace(/[^\w.-]/g, '_')}"`,
    });
  }

  async #post(at: At, id: string): Promise<[Session, Post]> {
    // what was said in a thread is its owner's alone, shared or not
    const session = await mineOf(this.options.sessions, at);
    const post = await this.options.sessions.views.post(id);
    if (post?.sessionId !== session.id) throw new HttpRefusal(404, 'there is no such picture');
    return [session, post];
  }

  async #revisionPicture(at: At): Promise<void> {
    const { sessions } = this.options;
    const session = await sessionOf(sessions, at);
    const [, , id, what] = at.args as [string, string, string, PictureName];
    const { bytes, type, version } = await revisionPicture(sessions, session.id, id, what);
    await sendPicture(at, `${id}-${what}${version}`, bytes, type);
  }
}

/** @throws 415 in words */
function checkPicture(picture: Uint8Array): void {
  try {
    checkReadable(picture);
  } catch (error) {
    throw new HttpRefusal(415, (error as Error).message);
  }
}

/** Before anything but the items themselves is changed, people are asked whether these are the right ones. */
const asks = ([root, ...edits]: readonly Revision[]): boolean =>
  root?.status === Status.DONE && edits.every(({ edit }) => regroups(edit as unknown as Edit));

function shownRevision(session: Session, revision: Revision): ShownRevision {
  const edit = revision.edit as unknown as Edit | null;
  return {
    ...{ id: revision.id, number: revision.number, parent: revision.parentId, say: revision.say },
    ...{ status: revision.status, width: revision.width, height: revision.height, strip: revision.stripId },
    items: itemsOf(revision).map(({ name }) => name),
    current: revision.id === session.headId,
    ...(revision.draftKey ? { refined: true } : {}),
    ...(edit ? { kind: edit.kind } : {}),
    ...(edit ? { about: itemsIn(edit) } : {}),
  };
}

function shownReply(thread: string, id: string, reply: Reply, revision: string | undefined): ShownReply {
  const { kind, text, actions, items, link, picture, files, said, offers, help, strip } = reply;
  const at = `/api/threads/${thread}/posts/${id}`;
  return {
    ...{ id, kind, text },
    ...(revision ? { revision } : {}),
    ...(actions ? { actions } : {}),
    ...(items ? { items } : {}),
    ...(link ? { link } : {}),
    ...(said ? { said } : {}),
    ...(offers ? { offers } : {}),
    ...(help ? { help } : {}),
    ...(strip ? { strip } : {}),
    ...(picture ? { picture: { src: `${at}/picture`, thumb: `${at}/thumb`, alt: picture.alt } } : {}),
    ...(files ? { files: files.map(({ name }, i) => ({ name, href: `${at}/${i}` })) } : {}),
  };
}
