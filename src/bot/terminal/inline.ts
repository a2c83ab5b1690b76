/** Terminals that show pictures among the text, by their own escape sequences. */
export type InlineKind = 'kitty' | 'iterm2' | 'none';

/** Guessed from what terminals say of themselves; a pipe shows nothing. */
export function inlineKind(env: NodeJS.ProcessEnv, isTty: boolean): InlineKind {
  if (!isTty) return 'none';
  if (env.KITTY_WINDOW_ID || env.TERM === 'xterm-kitty' || env.TERM_PROGRAM === 'ghostty') return 'kitty';
  if (env.TERM_PROGRAM === 'iTerm.app' || env.TERM_PROGRAM === 'WezTerm') return 'iterm2';
  return 'none';
}

/** The kitty protocol takes base64 in chunks of at most this length (sw.kovidgoyal.net/kitty/graphics-protocol). */
const CHUNK = 4096;

/** The characters that draw a PNG. */
export function inlinePicture(kind: InlineKind, png: Uint8Array): string {
  const base64 = Buffer.from(png).toString('base64');
  if (kind === 'iterm2') return `\u001B]1337;File=inline=1;size=${png.length}:${base64}\u0007\n`;
  if (kind === 'none') return '';
  const chunks = base64.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? [];
  return `${chunks
    .map((chunk, i) => {
      const control = `${i === 0 ? 'a=T,f=100,' : ''}m=${i < chunks.length - 1 ? 1 : 0}`;
      return `\u001B_G${control};${chunk}\u001B\\`;
    })
    .join('')}\n`;
}
