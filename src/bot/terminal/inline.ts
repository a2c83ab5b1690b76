import sharp from 'sharp';
import sixel from 'sixel';

/** Terminals that show pictures among the text, by escape sequences of their own. */
export type InlineKind = 'kitty' | 'iterm2' | 'sixel' | 'none';

/** The terminal's two ends, as far as a question needs them. */
export interface Tty {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

/** The kitty protocol takes base64 in chunks of at most this length (sw.kovidgoyal.net/kitty/graphics-protocol). */
const CHUNK = 4096;
/** Sixels are pixels of the screen: more than this many in width would not fit most windows. */
const SIXEL_WIDTH = 640;
const SIXEL_COLOURS = 256;
/** Terminals answer at once; those that never do are not waited for. */
const PATIENCE = 200;

/** By what the terminal says of itself in the environment, then by asking it; a pipe shows nothing. */
export async function inlineKind(env: NodeJS.ProcessEnv, tty: Tty | undefined): Promise<InlineKind> {
  if (!tty) return 'none';
  if (env.KITTY_WINDOW_ID || env.TERM === 'xterm-kitty' || env.TERM_PROGRAM === 'ghostty') return 'kitty';
  if (env.TERM_PROGRAM === 'iTerm.app' || env.TERM_PROGRAM === 'WezTerm') return 'iterm2';
  return (await drawsSixels(tty)) ? 'sixel' : 'none';
}

/** Asks for the primary device attributes; 4 among them is sixel graphics (vt100.net, VT510 reference, DA1). */
async function drawsSixels({ input, output }: Tty): Promise<boolean> {
  const wasRaw = input.isRaw;
  input.setRawMode(true);
  const answer = await new Promise<string>((resolve) => {
    let heard = '';
    const done = (): void => {
      clearTimeout(late);
      input.off('data', hear);
      resolve(heard);
    };
    const hear = (bytes: Buffer): void => {
      heard += bytes.toString('latin1');
      if (ATTRIBUTES.test(heard)) done();
    };
    const late = setTimeout(done, PATIENCE);
    input.on('data', hear);
    output.write('\u001B[c');
  });
  input.setRawMode(wasRaw);
  input.pause();
  return ATTRIBUTES.exec(answer)?.[1]?.split(';').includes('4') ?? false;
}

// eslint-disable-next-line no-control-regex
const ATTRIBUTES = /\u001B\[\?([\d;]+)c/;

/** The characters that draw a PNG. */
export async function inlinePicture(kind: InlineKind, png: Uint8Array): Promise<string> {
  if (kind === 'none') return '';
  if (kind === 'sixel') return `${await asSixels(png)}\n`;
  const base64 = Buffer.from(png).toString('base64');
  if (kind === 'iterm2') return `\u001B]1337;File=inline=1;size=${png.length}:${base64}\u0007\n`;
  const chunks = base64.match(new RegExp(`.{1,${CHUNK}}`, 'g')) ?? [];
  return `${chunks
    .map((chunk, i) => {
      const control = `${i === 0 ? 'a=T,f=100,' : ''}m=${i < chunks.length - 1 ? 1 : 0}`;
      return `\u001B_G${control};${chunk}\u001B\\`;
    })
    .join('')}\n`;
}

async function asSixels(png: Uint8Array): Promise<string> {
  const { data, info } = await sharp(png)
    .resize({ width: SIXEL_WIDTH, withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sixel.image2sixel(new Uint8Array(data), info.width, info.height, SIXEL_COLOURS);
}
