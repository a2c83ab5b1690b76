/** The strip below the overlay: number, colour and name of every item, in as many lines as it takes. */
import { badgeSvg } from './badgeSvg.js';
import { itemColour } from './palette.js';
import { CAP_HEIGHT, fitText, outlineText, textWidth } from './text.js';

const PAPER = '#16181d';
const INK = '#f2f3f5';

export interface Legend {
  readonly height: number;
  /** SVG elements whose top left corner is (0, top). */
  readonly svg: string;
}

export function drawLegend(
  names: readonly string[],
  width: number,
  top: number,
  fontSize: number,
  letter = '',
): Legend {
  const radius = fontSize * 0.78;
  const pad = fontSize * 0.9;
  const lineHeight = fontSize * 2;
  const lead = 2 * radius + fontSize * 0.45; // from an entry's left edge to its name
  const room = width - 2 * pad;
  let x = pad;
  let line = 0;
  let svg = '';
  names.forEach((name, item) => {
    const text = fitText(name, fontSize, room - lead);
    const length = lead + textWidth(text, fontSize);
    if (x > pad && x + length > width - pad) {
      x = pad;
      line++;
    }
    const middle = top + pad * 0.6 + (line + 0.5) * lineHeight;
    svg += badgeSvg({ x: x + radius, y: middle }, radius, `${letter}${item + 1}`, itemColour(item));
    const { path } = outlineText(text, x + lead, middle + (fontSize * CAP_HEIGHT) / 2, fontSize);
    svg += `<path d="${path}" fill="${INK}"/>`;
    x += length + fontSize * 1.3;
  });
  const height = Math.ceil(pad * 1.2 + (line + 1) * lineHeight);
  return {
    height,
    svg: `<rect x="0" y="${top}" width="${width}" height="${height}" fill="${PAPER}"/>${svg}`,
  };
}
