import sharp from 'sharp';
import { itemsOf, type Revision, type Sessions } from '../sessions/sessions.js';
import type { PlatformName, ShowItem } from './platform.js';

/** The longest side of the picture that is looked at, and of what is shown of it, in pixels. */
const LOOKED_AT = 512;
const SHOWN = 192;

/** One item of what a message shows, small, for whoever chose its number from a menu. */
export const itemShower =
  (sessions: Sessions, platform: PlatformName): ShowItem =>
  async (thread, message, number) => {
    const session = await sessions.views.inThread(platform, thread);
    const { shown } = session ? await sessions.standingNow(session, message) : { shown: undefined };
    const item = itemsOf(shown)[number - 1];
    if (!shown || !item) return undefined;
    const png = await pictureOf(sessions, shown, number - 1);
    return { name: item.name, ...(png ? { png } : {}) };
  };

/** An item's pixels with nothing around them; undefined when it has none. @param item 0-based */
async function pictureOf(
  { blobs }: Sessions,
  { pictureKey, labelsKey }: Revision,
  item: number,
): Promise<Uint8Array | undefined> {
  const [picture, labels] = await Promise.all([blobs.get(pictureKey!), blobs.get(labelsKey!)]);
  const fit = { width: LOOKED_AT, height: LOOKED_AT, fit: 'inside', withoutEnlargement: true } as const;
  const { data, info } = await sharp(labels)
    .toColourspace('b-w')
    .resize({ ...fit, kernel: 'nearest' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const alpha = Buffer.alloc(width * height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < alpha.length; i++) {
    if (data[i] !== item) continue;
    alpha[i] = 255;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  }
  if (right < 0) return undefined;
  const small = await sharp(picture).removeAlpha().resize({ width, height, fit: 'fill' }).png().toBuffer();
  // one after the other: sharp cuts before it joins, in whatever order it is asked
  const alone = await sharp(small)
    .joinChannel(alpha, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
  return await sharp(alone)
    .extract({ left, top, width: right - left + 1, height: bottom - top + 1 })
    .resize({ width: SHOWN, height: SHOWN, fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
}
