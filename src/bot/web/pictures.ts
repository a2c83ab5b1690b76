import sharp from 'sharp';
import type { Revision, Sessions } from '../../sessions/sessions.js';
import { HttpRefusal } from './http.js';

/** What of a revision can be asked for by address. */
export const PICTURES = ['picture', 'labels', 'overlay', 'view', 'map', 'thumb'] as const;
export type PictureName = (typeof PICTURES)[number];

/** Longest sides, in pixels: the canvas of a large screen, the map that outlines are traced from, the filmstrip. */
const VIEW = 1600;
const MAP = 1024;
const THUMB = 176;

export interface Served {
  readonly type: string;
  readonly bytes: () => Promise<Uint8Array>;
  /** Of a picture that took the place of another one: browsers keep what they have read under the same name. */
  readonly version: string;
}

/** Reads a finished revision's picture. @throws 404 when the session has none of that name */
export async function revisionPicture(
  { views, blobs }: Sessions,
  sessionId: string,
  id: string,
  what: PictureName,
): Promise<Served> {
  const revision = await views.picture(sessionId, id);
  const key = keyOf(revision, what);
  if (!key) throw new HttpRefusal(404, 'there is no such picture');
  const stored = () => blobs.get(key);
  const version = revision?.draftKey ? '-refined' : '';
  switch (what) {
    case 'view':
      return { type: 'image/webp', bytes: async () => await fitted(await stored(), VIEW, 84), version };
    case 'thumb':
      return { type: 'image/webp', bytes: async () => await fitted(await stored(), THUMB, 72), version };
    case 'map':
      return { type: 'image/png', bytes: async () => await smallMap(await stored()), version };
    default:
      return { type: 'image/png', bytes: stored, version };
  }
}

function keyOf(revision: Revision | undefined, what: PictureName): string | null | undefined {
  if (what === 'labels' || what === 'map') return revision?.labelsKey;
  return what === 'overlay' ? revision?.overlayKey : revision?.pictureKey;
}

/** A WebP no larger than a square of this side. */
export const fitted = async (picture: Uint8Array, side: number, quality: number): Promise<Uint8Array> =>
  await sharp(picture)
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .webp({ quality, effort: 2, smartSubsample: true })
    .toBuffer();

export const thumb = (picture: Uint8Array): Promise<Uint8Array> => fitted(picture, THUMB, 72);

/** A label map for looking: every label it holds is a label of the large one, none is a mixture. */
const smallMap = async (labels: Uint8Array): Promise<Uint8Array> =>
  await sharp(labels)
    .toColourspace('b-w')
    .resize({ width: MAP, height: MAP, fit: 'inside', withoutEnlargement: true, kernel: 'nearest' })
    .png({ compressionLevel: 9 })
    .toBuffer();

/**
 * One item as a PNG with nothing around it: its pixels, the rest transparent, cut to its box.
 * @param item 0-based
 * @throws 404 when it has no pixels
 */
export async function cutOut(picture: Uint8Array, labels: Uint8Array, item: number): Promise<Uint8Array> {
  const { data: map, info } = await sharp(labels)
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const alpha = Buffer.alloc(map.length);
  let [left, top, right, bottom] = [info.width, info.height, -1, -1];
  for (let i = 0; i < map.length; i++) {
    if (map[i] !== item) continue;
    alpha[i] = 255;
    const [x, y] = [i % info.width, Math.floor(i / info.width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
  }
  if (right < 0) throw new HttpRefusal(404, 'there is no such item');
  const { width, height } = info;
  // stored pictures have no alpha; sharp cuts before it joins, in whatever order it is asked: one after the other
  const alone = await sharp(picture)
    .joinChannel(alpha, { raw: { width, height, channels: 1 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
  return await sharp(alone)
    .extract({ left, top, width: right - left + 1, height: bottom - top + 1 })
    .png()
    .toBuffer();
}
