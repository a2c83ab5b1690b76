/** Pictures cut so that what a person named in words is among their items. */
import { areasOf, repartition } from '../masks/labelMap.js';
import { areaOf, areOneThing, maskOf } from '../masks/mask.js';
import type { LabelMap, Mask, Raster } from '../raster.js';
import { MOST_ITEMS, type Segmentation, type Segmenter } from './segmenter.js';

/** What is left of an item goes to its neighbours where that is less of it, or less of the picture. */
const [LEFT, LEAST] = [1 / 3, 0.004];

interface Cut {
  readonly name: string;
  readonly mask: Mask;
  readonly wanted: boolean;
}

/**
 * The segmenter's own cut, where each thing that is found by its words is an item of that name; the rest stays what it
 * was, or goes to its neighbours where little is left of it.
 * @param words at most 7 names
 * @param onWord called before the i-th of them is looked for
 */
export async function cutForWords(
  segmenter: Segmenter,
  picture: Raster,
  words: readonly string[],
  onWord: (i: number) => void = () => {},
): Promise<Segmentation & Required<Pick<Segmentation, 'remarks'>>> {
  const { labels, items, remarks: own = [] } = await segmenter.segment(picture);
  const found: Cut[] = [];
  const unseen: string[] = [];
  const remarks = [...own];
  for (const [i, name] of words.entries()) {
    onWord(i);
    const mask = await segmenter.find?.(picture, name);
    const twin = mask && found.find((other) => areOneThing(other.mask, mask));
    if (!mask || areaOf(mask) === 0) unseen.push(name);
    else if (twin) remarks.push(`The ${name} and the ${twin.name} are one thing here`);
    else found.push({ name, mask, wanted: true });
  }
  if (unseen.length > 0) remarks.unshift(`I see no ${listed(unseen)} here`);
  if (found.length === 0) return { labels, items, remarks };
  const cuts = items.map(({ name }, item): Cut => ({ name, mask: maskOf(labels, item), wanted: false }));
  return { ...merged(cuts, found), remarks };
}

/** @param own the ground first */
function merged(own: readonly Cut[], found: readonly Cut[]): Segmentation {
  // outlines of the cut are finer than those of what was found
  const cuts = own.map((cut): Cut => {
    const wish = found.find(({ mask }) => areOneThing(mask, cut.mask));
    return wish ? { ...cut, name: wish.name, wanted: true } : cut;
  });
  // a hat that lies on a person is laid on last
  const laid = found
    .filter(({ name }) => !cuts.some((cut) => cut.wanted && cut.name === name))
    .sort((p, q) => areaOf(q.mask) - areaOf(p.mask));
  const all = [...cuts, ...laid];
  const data = new Uint8Array(own[0]!.mask.data.length);
  all.forEach(({ mask }, label) => mask.data.forEach((inside, i) => inside && (data[i] = label)));
  const { width, height } = own[0]!.mask;
  return few({ width, height, data }, all);
}

/** Without crumbs and with few enough items: the ground first, the others by falling area. */
function few(map: LabelMap, cuts: readonly Cut[]): Segmentation {
  const isKept = ({ wanted, mask }: Cut, area: number): boolean =>
    area > 0 && (wanted || area >= Math.max(LEFT * areaOf(mask), LEAST * map.data.length));
  const first = areasPer(map, cuts);
  // the ground stays while there is any of it
  const kept = [...cuts.keys()].filter(
    (label) => isKept(cuts[label]!, first[label]!) || (label === 0 && first[0]! > 0),
  );
  const spare = kept
    .filter((label) => label !== 0 && !cuts[label]!.wanted)
    .sort((p, q) => first[p]! - first[q]!);
  while (kept.length > MOST_ITEMS && spare.length > 0) kept.splice(kept.indexOf(spare.shift()!), 1);
  const isLost = cuts.map((_, label) => !kept.includes(label));
  const lost = { ...map, data: map.data.map((label) => Number(isLost[label])) };
  const whole = lost.data.includes(1) ? repartition(map, lost) : map;
  const areas = areasPer(whole, cuts);
  const falling = kept.toSorted((p, q) => areas[q]! - areas[p]!);
  const ground = kept.includes(0) ? 0 : falling[0]!;
  const order = [ground, ...falling.filter((label) => label !== ground)];
  return {
    labels: { ...whole, data: whole.data.map((label) => order.indexOf(label)) },
    items: order.map((label) => ({ name: nameOf(cuts[label]!, cuts) })),
  };
}

/** The pixels of each cut. */
function areasPer(map: LabelMap, cuts: readonly Cut[]): number[] {
  const areas = areasOf(map);
  return cuts.map((_, label) => areas[label] ?? 0);
}

/** What was named keeps its name; what the cut called so stands beside it. */
const nameOf = ({ name, wanted }: Cut, all: readonly Cut[]): string =>
  !wanted && all.some((other) => other.wanted && other.name.toLowerCase() === name.toLowerCase())
    ? `other ${name}`
    : name;

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', no ')} and no ${names.at(-1)!}`;
