/** What a file is, by its first bytes; names and extensions lie. */

/** Formats that sharp's own build decodes and that pictures come in. */
const READABLE = new Set(['JPEG', 'PNG', 'WebP', 'GIF', 'TIFF', 'AVIF']);

export function isReadable(format: string): boolean {
  return READABLE.has(format);
}

/** A format's name, or undefined for bytes that are no known picture. */
export function sniffFormat(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024));
  const text = head.toString('latin1');
  if (text.startsWith('\xff\xd8\xff')) return 'JPEG';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'PNG';
  if (/^GIF8[79]a/.test(text)) return 'GIF';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'WebP';
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return 'TIFF';
  if (text.slice(4, 8) === 'ftyp') return isoBrand(text);
  if (text.startsWith('%PDF-')) return 'PDF';
  if (text.startsWith('BM') && head.length > 14) return 'BMP';
  if (text.startsWith('8BPS')) return 'Photoshop';
  if (text.startsWith('\xff\x0a') || text.startsWith('\0\0\0\x0cJXL ')) return 'JPEG XL';
  if (/^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s>]/i.test(text)) {
    return 'SVG';
  }
  return undefined;
}

/** ISO base media files (ISO/IEC 14496-12): the major brand and the compatible ones follow the box type. */
function isoBrand(text: string): string | undefined {
  const size = ((text.charCodeAt(2) << 8) | text.charCodeAt(3)) >>> 0;
  const brands = text.slice(8, Math.max(12, size));
  if (/avi[fs]/.test(brands)) return 'AVIF';
  if (/hei[cxms]|hev[cxms]|mif1|msf1/.test(brands)) return 'HEIC';
  return 'video';
}
