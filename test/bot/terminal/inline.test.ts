import { PassThrough } from 'node:stream';
import sharp from 'sharp';
import sixel from 'sixel';
import { describe, expect, it } from 'vitest';
import { inlineKind, inlinePicture, type Tty } from '../../../src/bot/terminal/inline.js';

/** A terminal that answers the question for its attributes, or does not. */
function terminal(answer?: string): Tty {
  const input = Object.assign(new PassThrough(), { isRaw: false, setRawMode: () => input });
  const output = {
    write: (text: string) => text === '\u001B[c' && answer !== undefined && input.write(answer),
  };
  return { input, output } as unknown as Tty;
}

const red = await sharp({ create: { width: 12, height: 8, channels: 3, background: '#e02010' } })
  .png()
  .toBuffer();

describe('what a terminal can show', () => {
  it.each([
    ['kitty', { KITTY_WINDOW_ID: '1' }, terminal()],
    ['kitty', { TERM_PROGRAM: 'ghostty' }, terminal()],
    ['iterm2', { TERM_PROGRAM: 'iTerm.app' }, terminal()],
    ['sixel', {}, terminal('\u001B[?62;4;22c')],
    ['none', {}, terminal('\u001B[?62;22c')],
    ['none', {}, terminal('\u001B[?64;14c')],
    ['none', {}, terminal()],
    ['none', { KITTY_WINDOW_ID: '1' }, undefined],
  ] as const)('%s: %o', async (kind, env, tty) => {
    expect(await inlineKind(env, tty)).toBe(kind);
  });
});

describe('the characters of a picture', () => {
  it('are the PNG itself, in chunks, for kitty and iTerm2', async () => {
    const noise = await sharp(
      Buffer.from(Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => Math.sin(i * 12.9898) * 43758)),
      {
        raw: { width: 64, height: 64, channels: 3 },
      },
    )
      .png()
      .toBuffer();
    const kitty = await inlinePicture('kitty', noise);
    // eslint-disable-next-line no-control-regex
    const chunks = [...kitty.matchAll(/\u001B_G([^;]*);([^\u001B]*)\u001B\\/g)];
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.every(([, , data]) => data!.length <= 4096)).toBe(true);
    expect(chunks.map(([, control]) => control).at(-1)).toBe('m=0');
    expect(Buffer.from(chunks.map(([, , data]) => data).join(''), 'base64')).toEqual(noise);
    const iterm = await inlinePicture('iterm2', noise);
    expect(Buffer.from(iterm.slice(iterm.indexOf(':') + 1, -2), 'base64')).toEqual(noise);
  });

  it('are sixels that decode to the picture', async () => {
    // eslint-disable-next-line no-control-regex
    const [, body = ''] = /^\u001BP[\d;]*q(.*)\u001B\\\n$/s.exec(await inlinePicture('sixel', red)) ?? [];
    const { width, height, data32 } = sixel.decode(body);
    expect([width, height]).toEqual([12, 8]);
    const [r, g, b] = new Uint8Array(data32.buffer, data32.byteOffset, 3);
    // a palette entry is written in per cent
    expect([0xe0 - r!, 0x20 - g!, 0x10 - b!].map(Math.abs).every((d) => d <= 3)).toBe(true);
  });

  it('are none for a terminal that shows none', async () => {
    expect(await inlinePicture('none', red)).toBe('');
  });
});
