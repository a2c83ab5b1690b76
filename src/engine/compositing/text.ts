/**
 * Text as vector outlines, from the DejaVu Sans Bold that npm brings: it looks the same on a machine with no fonts,
 * and nothing a person writes becomes markup.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';

export interface TextOutline {
  /** SVG path data; the baseline starts at the place asked for. */
  readonly path: string;
  /** The advance in pixels. */
  readonly width: number;
}

/** Height of capital letters over font size, in DejaVu Sans Bold. */
export const CAP_HEIGHT = 0.729;

const ELLIPSIS = '…';
// Joiners, variation selectors, direction marks and control characters have no outline of their own.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Variation_Selector}]/gu;

let loaded: opentype.Font | undefined;

function font(): opentype.Font {
  if (!loaded) {
    const file = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');
    const bytes = readFileSync(file);
    loaded = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }
  return loaded;
}

export function textWidth(text: string, size: number): number {
  const face = font();
  const scale = size / face.unitsPerEm;
  return glyphsOf(text).reduce((sum, glyph) => sum + (glyph.advanceWidth ?? 0) * scale, 0);
}

/** The outline of one line of text. Characters the font lacks are drawn as its replacement box. */
export function outlineText(text: string, x: number, baseline: number, size: number): TextOutline {
  const scale = size / font().unitsPerEm;
  let width = 0;
  let path = '';
  for (const glyph of glyphsOf(text)) {
    path += glyph.getPath(x + width, baseline, size).toPathData(2);
    width += (glyph.advanceWidth ?? 0) * scale;
  }
  return { path, width };
}

/** The text, or as much of its start as fits `width` with an ellipsis. */
export function fitText(text: string, size: number, width: number): string {
  const line = visible(text);
  if (textWidth(line, size) <= width) return line;
  const letters = [...line];
  while (letters.length > 0) {
    letters.pop();
    const short = letters.join('').trimEnd() + ELLIPSIS;
    if (textWidth(short, size) <= width) return short;
  }
  return ELLIPSIS;
}

function visible(text: string): string {
  return text.replace(/\s+/gu, ' ').replace(INVISIBLE, '').trim();
}

/** One glyph a code point, without shaping: enough for names, and no string can break it. */
function glyphsOf(text: string): opentype.Glyph[] {
  return [...visible(text)].map((letter) => font().charToGlyph(letter));
}
