/** Plain names for items nobody has named: a colour word, and where they are where several share it. */
import { centroidOf } from '../masks/mask.js';
import type { Mask } from '../raster.js';
import type { LabPicture } from './lab.js';

/** A word for a CIELAB colour, by lightness, chroma and hue angle. */
function colourWord(l: number, a: number, b: number): string {
  const chroma = Math.hypot(a, b);
  if (l < 16 && chroma < 22) return 'black';
  if (chroma < 10) return l > 82 ? 'white' : l < 28 ? 'black' : 'grey';
  const hue = ((Math.atan2(b, a) * 180) / Math.PI + 360) % 360;
  if (hue < 20 || hue >= 345) return l > 62 ? 'pink' : 'red';
  if (hue < 48) return l > 68 ? (chroma < 35 ? 'pink' : 'orange') : chroma < 34 ? 'brown' : 'red';
  if (hue < 78) return l > 58 && chroma > 38 ? 'orange' : l > 72 ? 'beige' : 'brown';
  if (hue < 105) return l > 72 && chroma < 32 ? 'beige' : l < 45 ? 'brown' : 'yellow';
  if (hue < 170) return 'green';
  if (hue < 225) return 'turquoise';
  if (hue < 298) return 'blue';
  return hue < 325 ? 'purple' : l > 60 ? 'pink' : 'purple';
}

/**
 * Unique names for items given as masks; the first is the background, `people` (if any) the one of people.
 * @param known what items are, where that is known
 */
export function nameItems(
  masks: readonly Mask[],
  picture: LabPicture,
  people?: number,
  known: readonly (string | undefined)[] = [],
): string[] {
  const plain = masks.map((mask, item) =>
    item === people
      ? 'person'
      : (known[item] ?? `${mainColour(mask, picture)} ${item === 0 ? 'background' : 'item'}`),
  );
  const names = [...plain];
  for (const name of new Set(plain)) {
    const alike = [...plain.keys()].filter((item) => plain[item] === name);
    if (alike.length === 1) continue;
    const where = toldApart(alike.map((item) => placeOf(masks[item]!)));
    alike.forEach((item, k) => (names[item] = `${where[k]} ${name}`));
  }
  return names;
}

/** The word that most of the item's pixels go by. */
export function mainColour(mask: Mask, picture: LabPicture): string {
  const votes = new Map<string, number>();
  for (let i = 0; i < mask.data.length; i++) {
    if (!mask.data[i]) continue;
    const word = colourWord(picture.data[i * 3]!, picture.data[i * 3 + 1]!, picture.data[i * 3 + 2]!);
    votes.set(word, (votes.get(word) ?? 0) + 1);
  }
  return [...votes].reduce((p, q) => (q[1] > p[1] ? q : p), ['grey', 0] as [string, number])[0];
}

/** The middle of an item, in shares of the sides. */
interface Place {
  readonly x: number;
  readonly y: number;
}

function placeOf(mask: Mask): Place {
  const { x, y } = centroidOf(mask) ?? { x: mask.width / 2, y: mask.height / 2 };
  return { x: (x + 0.5) / mask.width, y: (y + 0.5) / mask.height };
}

/** So far from each other, things lie beside or above each other. */
const APART = 0.1;
const ALONG = {
  x: { 2: ['left', 'right'], 3: ['left', 'middle', 'right'] },
  y: { 2: ['top', 'bottom'], 3: ['top', 'middle', 'bottom'] },
} as const;
const AGAIN = ['', 'second ', 'third ', 'fourth ', 'fifth ', 'sixth ', 'seventh ', 'eighth '];

/**
 * What people say to tell things of one kind apart, each another: of two or three the left, the middle or the right one (or
 * top, middle, bottom) where they lie so, of others the corner, and which one there.
 */
function toldApart(places: readonly Place[]): string[] {
  const gap = (axis: 'x' | 'y'): number => {
    const along = places.map((place) => place[axis]).sort((a, b) => a - b);
    return Math.min(...along.slice(1).map((at, k) => at - along[k]!));
  };
  const axis = gap('x') >= gap('y') ? 'x' : 'y';
  const words = places.length <= 3 && gap(axis) >= APART ? ALONG[axis][places.length as 2 | 3] : undefined;
  if (words) {
    const before = (place: Place): number => places.filter((other) => other[axis] < place[axis]).length;
    return places.map((place) => words[before(place)]!);
  }
  const corners = places.map(cornerOf);
  return corners.map((corner, k) => {
    const times = corners.slice(0, k).filter((other) => other === corner).length;
    return `${AGAIN[times] ?? `${times + 1}th `}${corner}`;
  });
}

function cornerOf({ x, y }: Place): string {
  const sideways = x < 0.4 ? 'left' : x > 0.6 ? 'right' : '';
  const upright = y < 0.35 ? 'top' : y > 0.65 ? 'bottom' : '';
  return [upright, sideways].filter(Boolean).join(' ') || 'middle';
}
