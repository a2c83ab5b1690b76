import type { Point } from './view.js';

/** What a gesture says: the same words that a person could have typed. Items are 0-based here, as in the map. */

const number = (item: number): string => String(item + 1);
const round = Math.round;

/** @param dx to the right and @param dy down, in pixels of the picture @returns undefined when it moved by nothing */
export function moveWords(item: number, dx: number, dy: number): string | undefined {
  const across = round(dx) === 0 ? '' : ` ${dx > 0 ? 'right' : 'left'} ${Math.abs(round(dx))}`;
  const along = round(dy) === 0 ? '' : ` ${dy > 0 ? 'down' : 'up'} ${Math.abs(round(dy))}`;
  return across || along ? `move ${number(item)}${across}${along}` : undefined;
}

export function resizeWords(item: number, factor: number): string | undefined {
  const percent = round(factor * 100);
  return percent === 100 ? undefined : `resize ${number(item)} ${percent}%`;
}

/** @param degrees clockwise */
export function rotateWords(item: number, degrees: number): string | undefined {
  const turned = ((((round(degrees) + 180) % 360) + 360) % 360) - 180;
  return turned === 0 ? undefined : `rotate ${number(item)} ${turned}`;
}

/** "2 and 5", "2, 3 and 5". */
export const listed = (items: readonly number[]): string => {
  const numbers = items.map(number);
  return numbers.length < 2 ? (numbers[0] ?? '') : `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`;
};

export const removeWords = (items: readonly number[]): string =>
  items.length === 1
    ? `remove ${number(items[0]!)}`
    : items.map((i) => `remove ${number(i)}`).join(', then ');
export const mergeWords = (items: readonly number[]): string => `merge ${listed(items)}`;
export const swapWords = ([a, b]: readonly [number, number]): string => `swap ${number(a)} and ${number(b)}`;

/**
 * What makes an item of something that is none: a place in it, or a box around it.
 * @param from @param to corners as shares of the picture; one point when it is a place
 */
export function pickWords(from: Point, to: Point): string {
  const percent = (share: number): string => `${round(Math.min(1, Math.max(0, share)) * 1000) / 10}%`;
  const place = (x: number, y: number): string => `${percent(x)} ${percent(y)}`;
  if (from.x === to.x && from.y === to.y) return `select here ${place(from.x, from.y)}`;
  const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
  return `select here ${place(left, top)} to ${place(right, bottom)}`;
}
