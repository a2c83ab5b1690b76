/** From a panoptic model's segments to items that people can edit: few, named, and all of the picture theirs. */
import { areasOf, MAX_LABELS, repartition } from '../../masks/labelMap.js';
import type { LabelMap } from '../../raster.js';
import { isStuff, plainName } from './names.js';
import type { Segments } from './segments.js';

/** Smaller shares of the picture are parts of what is around them. */
const LEAST = 0.004;
/** What nothing was seen in is an item of its own from this share on. */
const REST = 0.05;

export interface PanopticItems {
  /** Of the segments' size: the ground is 0, the others follow by falling area. */
  readonly labels: LabelMap;
  /** What each item is; undefined where nothing was seen. */
  readonly names: readonly (string | undefined)[];
}

interface Piece {
  readonly name: string | undefined;
  readonly stuff: boolean;
}

/**
 * Stuff of one name is one item; what is too small, or was not seen and is little, goes to its neighbours. Where there are
 * more than `most`, the smallest stuff joins the ground, then things of one name each other, then the smallest thing its
 * neighbours.
 * @param labels the model's names of labels
 */
export function itemsOf(
  { width, height, of, segments }: Segments,
  labels: readonly string[],
  most: number,
): PanopticItems {
  // piece 0 is what was not seen
  const pieces: Piece[] = [{ name: undefined, stuff: true }];
  const byName = new Map<string, number>();
  const pieceOf = segments.map(({ label }) => {
    const name = plainName(labels[label] ?? 'N/A');
    const stuff = name === undefined || isStuff(name);
    const known = name === undefined ? 0 : stuff ? byName.get(name) : undefined;
    if (known !== undefined) return known;
    if (stuff) byName.set(name!, pieces.length);
    return pieces.push({ name, stuff }) - 1;
  });
  const map = { width, height, data: of.map((segment) => (segment === 0 ? 0 : pieceOf[segment - 1]!)) };
  const few = fewer(withoutSmall(map), pieces, most);
  const areas = areasOf(few);
  const there = [...areas.keys()].filter((piece) => areas[piece]! > 0);
  const ground = groundOf(there, areas, pieces);
  const order = [ground, ...there.filter((piece) => piece !== ground).sort((p, q) => areas[q]! - areas[p]!)];
  const place = new Uint8Array(MAX_LABELS);
  order.forEach((piece, item) => (place[piece] = item));
  return {
    labels: { width, height, data: few.data.map((piece) => place[piece]!) },
    names: order.map((piece) => pieces[piece]!.name),
  };
}

/** The largest stuff, or where there is none the largest thing. */
function groundOf(there: readonly number[], areas: readonly number[], pieces: readonly Piece[]): number {
  const stuff = there.filter((piece) => pieces[piece]!.stuff);
  return (stuff.length > 0 ? stuff : there).reduce((p, q) => (areas[q]! > areas[p]! ? q : p));
}

function withoutSmall(map: LabelMap): LabelMap {
  const areas = areasOf(map);
  const total = map.data.length;
  const isSmall = areas.map((area, piece) => area < (piece === 0 ? REST : LEAST) * total);
  const orphans = { ...map, data: map.data.map((piece) => Number(isSmall[piece])) };
  return orphans.data.includes(0) ? repartition(map, orphans) : map;
}

function fewer(map: LabelMap, pieces: readonly Piece[], most: number): LabelMap {
  let now = map;
  for (;;) {
    const areas = areasOf(now);
    const there = [...areas.keys()].filter((piece) => areas[piece]! > 0);
    if (there.length <= most) return now;
    const ground = groundOf(there, areas, pieces);
    const rising = there.filter((piece) => piece !== ground).sort((p, q) => areas[p]! - areas[q]!);
    const stuff = rising.find((piece) => pieces[piece]!.stuff);
    const twin = rising.find((piece) =>
      rising.some((other) => other !== piece && pieces[other]!.name === pieces[piece]!.name),
    );
    const into = (from: number, to: number): LabelMap => ({
      ...now,
      data: now.data.map((piece) => (piece === from ? to : piece)),
    });
    if (stuff !== undefined) now = into(stuff, ground);
    else if (twin !== undefined)
      now = into(
        twin,
        rising.find((other) => other !== twin && pieces[other]!.name === pieces[twin]!.name)!,
      );
    else now = repartition(now, rising[0]!);
  }
}
