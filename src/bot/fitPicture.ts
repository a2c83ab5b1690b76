import sharp from 'sharp';
import { UserError } from '../engine/errors.js';
import { megabytes } from './limits.js';

export interface FittedPicture {
  /** The name given, with the ending of what it became. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly type: 'image/png' | 'image/jpeg';
  /** One sentence for people when the picture is not what was made: it had to become smaller. */
  readonly note?: string;
}

/** Qualities at full size first: people miss pixels sooner than they see JPEG at 85. */
const tries: readonly { readonly quality: number; readonly scale: number }[] = [
  ...[95, 85, 75].map((quality) => ({ quality, scale: 1 })),
  ...[0.75, 0.5, 0.35, 0.25, 0.15, 0.1].map((scale) => ({ quality: 80, scale })),
];

/**
 * A picture as a platform takes it: the PNG when it fits, else a JPEG, else a smaller JPEG. `maxBytes` is the
 * platform's limit for one file. What is kept in the session stays the PNG in full.
 * @throws UserError when not even a thumbnail fits
 */
export async function fitPicture(
  picture: { readonly name: string; readonly png: Uint8Array },
  maxBytes: number,
): Promise<FittedPicture> {
  const { name, png } = picture;
  if (png.byteLength <= maxBytes) return { name, bytes: png, type: 'image/png' };
  const { width } = await sharp(png).metadata();
  for (const { quality, scale } of tries) {
    const image = sharp(png).flatten({ background: '#ffffff' });
    if (scale < 1) image.resize({ width: Math.max(1, Math.round(width * scale)) });
    const bytes = await image.jpeg({ quality }).toBuffer();
    if (bytes.byteLength > maxBytes) continue;
    const size = scale < 1 ? ` at ${Math.round(scale * 100)} % of its size` : '';
    return {
      name: `${name.replace(/\.[^.]*$/, '')}.jpg`,
      bytes: new Uint8Array(bytes),
      type: 'image/jpeg',
      note: `Shown as JPEG${size}: the picture has ${megabytes(png.byteLength)} and at most ${megabytes(maxBytes)} fit here; "export" gives it in full.`,
    };
  }
  throw new UserError(
    `The picture does not fit into ${megabytes(maxBytes)}, not even small; take it by "export".`,
  );
}
