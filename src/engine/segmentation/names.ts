/** Plain names for items nobody has named: a colour word, and a place where two share it. */
import { centroidOf } from '../masks/mask.js';
import type { Mask } from '../raster.js';
import type { LabPicture } from './lab.js';

/** A word for a CIELAB colour, by lightness, chroma and hue angle. */
export function colourWord(l: number, a: number, b: number): string {
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
  const placed = plain.map((name, item) =>
    plain.filter((other) => other === name).length > 1 ? `${place(masks[item]!)} ${name}` : name,
  );
  const seen = new Map<string, number>();
  return placed.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times > 1 ? `${name} ${times}` : name;
  });
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

function place(mask: Mask): string {
  const centre = centroidOf(mask);
  if (!centre) return 'empty';
  const x = (centre.x + 0.5) / mask.width;
  const y = (centre.y + 0.5) / mask.height;
  const sideways = x < 0.4 ? 'left' : x > 0.6 ? 'right' : '';
  const upright = y < 0.35 ? 'top' : y > 0.65 ? 'bottom' : '';
  return [upright, sideways].filter(Boolean).join(' ') || 'middle';
}
