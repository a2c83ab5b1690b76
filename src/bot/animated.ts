/** Whether a picture moves, by its first bytes: GIF, WebP, PNG and AVIF say so there. Nothing is decoded. */
export function isAnimated(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 4096)).toString(
    'latin1',
  );
  // the looping extension comes before the first frame (NETSCAPE2.0); what does not loop is rare
  if (head.startsWith('GIF8')) return head.includes('NETSCAPE2.0');
  if (head.startsWith('RIFF') && head.slice(8, 16) === 'WEBPVP8X') return (head.charCodeAt(20) & 2) !== 0;
  if (head.startsWith('\x89PNG')) return /acTL/.test(head) && !/IDAT[^]*acTL/.test(head);
  return head.slice(4, 12) === 'ftypavis';
}
