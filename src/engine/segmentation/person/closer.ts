/**
 * A second look at people, each filling the network's picture: at its first look at a street a shoe is a pixel or two,
 * and lanterns behind a head are the head's. docs/segmentation.md tells what that changes.
 */
import { cropRaster, resizeRaster } from '../../compositing/resize.js';
import { type Box, boundsOf } from '../../masks/mask.js';
import { connectedPieces } from '../../masks/morphology.js';
import type { Mask, Raster } from '../../raster.js';
import { NETWORK_SIDE } from './network.js';
import { markedIn } from './people.js';
import { look } from './person.js';

/** How much of a person's longer side is looked at around them. */
const AROUND = 0.1;
/** A crop of more of the picture's sides than this would show nothing larger. */
const NOT_CLOSER = 0.85;
/** So many people are looked at again, the largest; 10 to 20 ms each. */
const MOST = 3;
/** What the second look counts for against the first, which saw what is around. */
const SECOND = 0.85;
/** Less of a piece than this was people's at the first look: it is something else beside them. */
const LEAST_KNOWN = 0.2;

/**
 * The people of the first look with outlines from a second one.
 *
 * @param picture at any size, better than the working picture's
 * @param people what the first look found, of the working picture's size
 * @param first its probabilities, of that size
 */
export async function lookCloser(picture: Raster, people: Mask, first: Float32Array): Promise<Mask> {
  const boxes = boxesOf(people)
    .map((box) => around(box, people, picture))
    .filter((box) => box !== undefined);
  if (boxes.length === 0) return people;
  const second = new Float32Array(first.length).fill(-1);
  for (const box of boxes) {
    const crop = await resizeRaster(cropRaster(picture, box), NETWORK_SIDE, NETWORK_SIDE);
    keepMost(second, people, (await look(crop)).person, box, picture);
  }
  const both = first.map((value, i) => (second[i]! < 0 ? value : SECOND * second[i]! + (1 - SECOND) * value));
  return knownPieces(markedIn(both, people), people);
}

/** Where the largest pieces are, in the mask's pixels. */
function boxesOf(people: Mask): Box[] {
  const { pieces, areas } = connectedPieces(people);
  const largest = areas.map((area, piece) => ({ area, piece })).sort((a, b) => b.area - a.area);
  return largest
    .slice(0, MOST)
    .filter(({ area }) => area > 0)
    .map(({ piece }) =>
      boundsOf({ ...people, data: Uint8Array.from(pieces, (of) => Number(of === piece)) })!,
    );
}

/** A square around a box of the mask, in the picture's pixels and inside it; undefined where that is nearly all of it. */
function around({ left, top, width, height }: Box, mask: Mask, picture: Raster): Box | undefined {
  const [sx, sy] = [picture.width / mask.width, picture.height / mask.height];
  const side = Math.max(width * sx, height * sy) * (1 + 2 * AROUND);
  const across = Math.round(Math.min(side, picture.width));
  const down = Math.round(Math.min(side, picture.height));
  if (across > NOT_CLOSER * picture.width && down > NOT_CLOSER * picture.height) return undefined;
  const at = (centre: number, size: number, most: number): number =>
    Math.round(Math.min(most - size, Math.max(0, centre - size / 2)));
  return {
    left: at((left + width / 2) * sx, across, picture.width),
    top: at((top + height / 2) * sy, down, picture.height),
    width: across,
    height: down,
  };
}

/** What was seen in a box, where it is more than what other boxes showed: a person may be cut by another's box. */
function keepMost(second: Float32Array, mask: Mask, seen: Float32Array, box: Box, picture: Raster): void {
  const [sx, sy] = [picture.width / mask.width, picture.height / mask.height];
  for (let y = 0, i = 0; y < mask.height; y++) {
    const v = Math.floor((((y + 0.5) * sy - box.top) / box.height) * NETWORK_SIDE);
    for (let x = 0; x < mask.width; x++, i++) {
      const u = Math.floor((((x + 0.5) * sx - box.left) / box.width) * NETWORK_SIDE);
      if (u < 0 || v < 0 || u >= NETWORK_SIDE || v >= NETWORK_SIDE) continue;
      second[i] = Math.max(second[i]!, seen[v * NETWORK_SIDE + u]!);
    }
  }
}

/** The pieces of which enough was people's before. */
function knownPieces(marked: Mask, before: Mask): Mask {
  const { pieces, areas } = connectedPieces(marked);
  const known = areas.map(() => 0);
  for (let i = 0; i < pieces.length; i++) if (before.data[i]) known[pieces[i]!]!++;
  const data = Uint8Array.from(pieces, (piece) =>
    Number(piece > 0 && known[piece]! >= LEAST_KNOWN * areas[piece]!),
  );
  return data.includes(1) ? { ...marked, data } : before;
}
