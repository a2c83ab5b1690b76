import { UserError } from '../engine/errors.js';

/** What iPhones save (ISO/IEC 23008-12): HEVC, which none of our libraries decodes; AVIF comes in the same kind of box. */
export function isHeic(bytes: Uint8Array): boolean {
  const head = latin1(bytes, 64);
  return head.slice(4, 8) === 'ftyp' && !/avi[fs]/.test(head) && /hei[cxms]|hev[cxms]|mif1|msf1/.test(head);
}

/** @throws UserError for what is known at the door never to be read, before it is stored and waits for its turn */
export function checkReadable(bytes: Uint8Array): void {
  if (isHeic(bytes))
    throw new UserError(
      'this picture is HEIC, as iPhones save them, which I cannot read: send it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible; or send a screenshot of it)',
    );
}

/** Whether a picture moves, by its first bytes: GIF, WebP, PNG and AVIF say so there. Nothing is decoded. */
export function isAnimated(bytes: Uint8Array): boolean {
  const head = latin1(bytes, 4096);
  // the looping extension comes before the first frame (NETSCAPE2.0); what does not loop is rare
  if (head.startsWith('GIF8')) return head.includes('NETSCAPE2.0');
  if (head.startsWith('RIFF') && head.slice(8, 16) === 'WEBPVP8X') return (head.charCodeAt(20) & 2) !== 0;
  if (head.startsWith('\x89PNG')) return /acTL/.test(head) && !/IDAT[^]*acTL/.test(head);
  return head.slice(4, 12) === 'ftypavis';
}

const latin1 = (bytes: Uint8Array, length: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, length)).toString('latin1');
