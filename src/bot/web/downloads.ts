import { zipSync } from 'fflate';
import { itemsOf, type Revision, type Session, type Sessions, Status } from '../../sessions/sessions.js';
import { type At, HttpRefusal, type Route, send } from './http.js';
import { cutOut } from './pictures.js';
import { Slots } from './slots.js';

/** Zips in the making at once: of one thread, and of all; each holds its pictures in memory. */
const ZIPS = [1, 2] as const;
/** Bytes of pictures that one zip takes. */
const MOST_BYTES = 200 * 1024 * 1024;

const safe = (name: string): string => name.replace(/[^\p{L}\p{N}-]+/gu, '-').slice(0, 40) || 'item';
const ascii = (name: string): string => name.replace(/[^\w.-]/g, '_');

/** What one takes home: a picture's items cut out, and everything of a thread in one file. */
export function downloadRoutes(sessions: Sessions, sessionOf: (at: At) => Promise<Session>): Route[] {
  const zips = new Slots(...ZIPS);

  async function cut(at: At): Promise<void> {
    const session = await sessionOf(at);
    const revision = await sessions.views.picture(session.id, at.args[2]!);
    const item = Number(at.args[3]) - 1;
    const name = itemsOf(revision)[item]?.name;
    if (!revision || name === undefined) throw new HttpRefusal(404, 'there is no such item');
    save(at, `${item + 1}-${safe(name)}.png`, 'image/png', await cutOf(sessions, revision, item));
  }

  async function zip(at: At): Promise<void> {
    const session = await sessionOf(at);
    const release = zips.take(session.id);
    if (!release) throw new HttpRefusal(429, 'other files are being packed: ask again in a moment');
    try {
      save(at, 'dedit.zip', 'application/zip', zipSync(await filesOf(sessions, session), { level: 0 }));
    } finally {
      release();
    }
  }

  return [
    ['GET', /^\/api\/(threads|shared)\/([\w-]+)\/revisions\/([\w-]+)\/items\/(\d{1,3})$/, cut],
    ['GET', /^\/api\/(threads|shared)\/([\w-]+)\/zip$/, zip],
  ];
}

function save({ response }: At, name: string, type: string, bytes: Uint8Array): void {
  const disposition = `attachment; filename="${ascii(name)}"; filename*=UTF-8''${encodeURIComponent(name)}`;
  send(response, 200, type, bytes, { 'Content-Disposition': disposition });
}

async function cutOf({ blobs }: Sessions, revision: Revision, item: number): Promise<Uint8Array> {
  const [picture, labels] = await Promise.all(
    [revision.pictureKey!, revision.labelsKey!].map((key) => blobs.get(key)),
  );
  return await cutOut(picture!, labels!, item);
}

/** Every finished picture, and of the one the thread stands at also its numbers, map, items and cut-outs. */
async function filesOf(sessions: Sessions, session: Session): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  let size = 0;
  const put = (name: string, bytes: Uint8Array): void => {
    size += bytes.length;
    if (size > MOST_BYTES)
      throw new HttpRefusal(413, 'that is too much for one file: take pictures one by one');
    files[name] = bytes;
  };
  for (const revision of await sessions.views.revisions(session.id)) {
    if (revision.status !== Status.DONE || !revision.pictureKey) continue;
    const name = `${String(revision.number).padStart(3, '0')}-${safe(revision.say)}.png`;
    put(name, await sessions.blobs.get(revision.pictureKey));
  }
  const { shown } = await sessions.standingNow(session);
  if (!shown) return files;
  const items = itemsOf(shown);
  put('items/overlay.png', await sessions.blobs.get(shown.overlayKey!));
  put('items/labels.png', await sessions.blobs.get(shown.labelsKey!));
  const listed = items.map(({ name }, i) => ({ number: i + 1, name }));
  put('items/items.json', Buffer.from(`${JSON.stringify(listed, null, 2)}\n`));
  for (const [i, { name }] of items.entries()) {
    const bytes = await cutOf(sessions, shown, i).catch(() => undefined); // an item may have lost its pixels
    if (bytes) put(`items/${i + 1}-${safe(name)}.png`, bytes);
  }
  return files;
}
