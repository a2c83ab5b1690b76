import { createHash } from 'node:crypto';
import { itemsOf, type Sessions } from '../../sessions/sessions.js';
import type { EventHandler, Platform } from '../platform.js';
import { type At, HttpRefusal, readBody, type Route, sendJson, sendPicture, tooMuch } from './http.js';
import { readMaskToken } from './maskLink.js';
import { sendPage } from './pages.js';
import { revisionPicture } from './pictures.js';
import type { MaskTask } from './wire.js';

/** Pixels of the widest soft band that can be asked for here. */
const MOST_EDGE = 100;
/** A mask is two colours: even of a large picture it is small. */
export const MAX_MASK = 4 * 1024 * 1024;

/** The mask editor, for whoever has a link that we signed: one item of one session, on any platform. */
export function maskRoutes(options: {
  readonly secret: string;
  readonly sessions: Sessions;
  readonly handle: EventHandler;
}): Route[] {
  const { secret, sessions, handle } = options;

  /** @throws 403 for a token we did not sign, 410 for one that has expired */
  async function claimed({ args: [token], visitor }: At) {
    const claim = readMaskToken(secret, token!);
    if (claim === 'forged')
      throw new HttpRefusal(403, 'this link is not valid: say "reshape 3" in the thread for a new one');
    if (claim === 'expired')
      throw new HttpRefusal(410, 'this link has expired: say "reshape 3" in the thread for a new one');
    const session = await sessions.views.session(claim.session);
    // a thread of the page belongs to one browser, and so do its links
    if (session?.platform === 'web' && visitor !== claim.user)
      throw new HttpRefusal(403, 'this link belongs to another browser: say "reshape 3" in the thread there');
    if (!session) throw new HttpRefusal(410, 'the thread of this link is forgotten');
    const { shown } = await sessions.standingNow(session);
    const item = itemsOf(shown)[claim.item];
    if (!shown || !item)
      throw new HttpRefusal(410, 'the item of this link is gone: say "show" in the thread');
    return { session, shown, item, claim };
  }

  async function page(at: At): Promise<void> {
    await claimed(at);
    sendPage(at.response);
  }

  async function data(at: At): Promise<void> {
    const { session, shown, item, claim } = await claimed(at);
    const task: MaskTask = {
      ...{ name: item.name, item: claim.item, width: shown.width!, height: shown.height! },
      ...{ revision: shown.id, expires: claim.expires },
    };
    const back = backTo(session);
    sendJson(at.response, back ? { ...task, back } : task);
  }

  async function picture(at: At): Promise<void> {
    const { session, shown } = await claimed(at);
    const what = at.args[1] as 'picture' | 'labels' | 'view' | 'map';
    const { bytes, type } = await revisionPicture(sessions, session.id, shown.id, what);
    await sendPicture(at, `${shown.id}-${what}`, bytes, type);
  }

  async function submit(at: At): Promise<void> {
    const { request, response, args } = at;
    const [token] = args;
    const { session, shown, claim } = await claimed(at);
    const asked = new URL(request.url!, 'http://here').searchParams;
    const edge = Math.min(MOST_EDGE, Math.max(0, Math.round(Number(asked.get('edge')) || 0)));
    if (asked.get('of') !== shown.id)
      throw new HttpRefusal(
        409,
        'the picture has changed meanwhile: load this page again and draw on the new one',
      );
    const attachment = await readBody(request, MAX_MASK);
    checkMask(attachment, shown);
    const id = `mask-${createHash('sha256').update(token!).update(attachment).digest('hex')}`;
    const { platform, thread } = session;
    const taken = await handle({
      ...{
        id,
        thread,
        attachment,
        user: claim.user,
        kind: 'say',
        text: `${edge > 0 ? `edge ${edge}, then ` : ''}reshape ${claim.item + 1}`,
      },
      platform: platform as Platform['name'],
    });
    if (taken === 'dropped') throw tooMuch();
    sendJson(response, {}, 202);
  }

  return [
    ['GET', /^\/mask\/([\w.-]+)$/, page],
    ['POST', /^\/mask\/([\w.-]+)$/, submit],
    ['GET', /^\/mask\/([\w.-]+)\/data$/, data],
    ['GET', /^\/mask\/([\w.-]+)\/(picture|labels|view|map)$/, picture],
  ];
}

/** The way back to where the link was given: as near to the thread as an address can lead from outside. */
function backTo({ platform, thread }: { platform: string; thread: string }): MaskTask['back'] {
  if (platform === 'slack')
    return { url: `https://slack.com/app_redirect?channel=${thread.split(':')[0]}`, label: 'Back to Slack' };
  if (platform === 'discord') return { url: 'https://discord.com/app', label: 'Back to Discord' };
  return platform === 'web' ? { url: `/#${thread}`, label: 'Back to the picture' } : undefined;
}

const PNG = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');

/** @throws 400 for what is not a PNG as large as the picture: a few bytes may claim to be any number of pixels */
export function checkMask(
  bytes: Buffer,
  size: { readonly width: number | null; readonly height: number | null },
): void {
  const fits =
    bytes.length > 33 &&
    bytes.subarray(0, 16).equals(PNG) &&
    bytes.readUInt32BE(16) === size.width &&
    bytes.readUInt32BE(20) === size.height;
  if (!fits) throw new HttpRefusal(400, 'the mask is to be a PNG of the same size as the picture');
}
