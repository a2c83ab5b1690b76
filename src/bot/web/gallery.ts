import { randomBytes } from 'node:crypto';
import { nameSession, sharedSession, shareSession } from '../../sessions/gallery.js';
import { itemsOf, type Session, type Sessions, Status } from '../../sessions/sessions.js';
import { type At, HttpRefusal, readFields, type Route, sendJson } from './http.js';
import type { ThreadSummary } from './wire.js';

/** Threads a browser is shown to go back to. */
const MOST_THREADS = 60;
const MAX_TITLE = 2 * 1024;

/** The pictures a browser began: their names, and links by which others may look at them. */
export function galleryRoutes(sessions: Sessions, mine: (at: At) => Promise<Session>): Route[] {
  async function list({ response, visitor }: At): Promise<void> {
    const found = visitor ? await sessions.views.threadsOf('web', visitor, MOST_THREADS) : [];
    const threads = await Promise.all(found.map((session) => summaryOf(sessions, session)));
    sendJson(response, threads.flat());
  }

  async function name(at: At): Promise<void> {
    const session = await mine(at);
    const { title } = await readFields(at.request, MAX_TITLE);
    if (typeof title !== 'string') throw new HttpRefusal(400, 'there is no name: "title"');
    await nameSession(sessions, session.id, title);
    sendJson(at.response, {});
  }

  async function share(at: At): Promise<void> {
    const session = await mine(at);
    const { on } = await readFields(at.request, MAX_TITLE);
    if (typeof on !== 'boolean') throw new HttpRefusal(400, 'say whether to share: "on"');
    // a link that was taken back never works again: a new one has another key
    const key = on ? (session.shareKey ?? randomBytes(18).toString('base64url')) : undefined;
    await shareSession(sessions, session.id, key);
    sendJson(at.response, { share: key ? `/shared/${key}` : null });
  }

  return [
    ['GET', /^\/api\/threads$/, list],
    ['POST', /^\/api\/(threads)\/([\w-]+)\/title$/, name],
    ['POST', /^\/api\/(threads)\/([\w-]+)\/share$/, share],
  ];
}

async function summaryOf(sessions: Sessions, session: Session): Promise<ThreadSummary[]> {
  const { shown, parent } = await sessions.standingNow(session);
  // a file that was no picture is nothing to go back to
  if (!shown && (parent?.status === Status.FAILED || parent?.status === Status.CANCELLED)) return [];
  return [
    {
      ...{ thread: session.thread, title: session.title, checkpoint: session.checkpoint },
      usedAt: session.usedAt.toISOString(),
      shared: session.shareKey !== null,
      ...(shown ? { revision: shown.id, say: shown.edit ? shown.say : '' } : {}),
      items: itemsOf(shown).map(({ name }) => name),
    },
  ];
}

/**
 * The session of an address: one's own, or one that is shared by its key.
 * @throws 404 for others' threads as for none: nobody learns which there are
 */
export async function sessionOf(sessions: Sessions, at: At): Promise<Session> {
  const [how, id] = at.args as [string, string];
  if (how !== 'shared') return await mineOf(sessions, at);
  const found = await sharedSession(sessions, id);
  if (!found) throw new HttpRefusal(404, 'there is no such picture: the link may have been taken back');
  return found;
}

/** @throws 404 as `sessionOf` */
export async function mineOf(sessions: Sessions, { visitor, args }: At): Promise<Session> {
  const found = await sessions.views.inThread('web', args[1]!);
  if (!visitor || found?.owner !== visitor) throw new HttpRefusal(404, 'there is no such thread');
  return found;
}
