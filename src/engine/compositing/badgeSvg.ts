import type { Point } from '../masks/mask.js';
import type { Colour } from './palette.js';
import { CAP_HEIGHT, outlineText, textWidth } from './text.js';

/** The font's size in radii, by how many characters there are. */
const SIZES: Readonly<Record<number, number>> = { 1: 1.25, 2: 0.95 };

/** A round badge: the text white on dark, in a ring of the item's colour inside a white rim. */
export function badgeSvg(centre: Point, radius: number, text: string, colour: Colour): string {
  const { x, y } = centre;
  const size = radius * (SIZES[text.length] ?? 0.72);
  const { path } = outlineText(text, x - textWidth(text, size) / 2, y + (size * CAP_HEIGHT) / 2, size);
  const disc = (r: number, fill: string) =>
    `<circle cx="${x.toFixed(2)}" cy="${y.toFixed(2)}" r="${r.toFixed(2)}" fill="${fill}"/>`;
  return (
    disc(radius, '#ffffff') +
    disc(radius * 0.92, `rgb(${colour.join(',')})`) +
    disc(radius * 0.74, '#16181d') +
    `<path d="${path}" fill="#ffffff"/>`
  );
}
