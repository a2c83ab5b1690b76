/**
 * Things of one kind that lie apart: coins on a table, balloons, windows. No border tells of their likeness, and one by
 * one they would go into the ground that they lie on.
 */
import { coloursApart, textureApart } from './pair.js';
import type { Region, RegionGraph } from './regionGraph.js';

/** So many are a kind. */
const LEAST = 4;
/** Each is at most this share of the picture and at least that. */
const [LARGEST, SMALLEST] = [0.04, 0.004];
/** Of one kind are those with areas within this factor, alike in CIELAB units and in log(1 + difference). */
const [AREAS, ALIKE_COLOUR, ALIKE_TEXTURE] = [2, 12, 0.5];
/** Its outline, squared, is at most so many times its area: 16 is a square's, 64 / π a disc's, in pixels' sides. */
const ROUND = 32;
/** A thing lies within the picture: no more of its outline is on the rim than this. */
const RIM = 0.15;
/** The colour changes all along its outline: by so much a pixel, in CIELAB units at the fine scale. */
const EDGE = 8;

/** The things of the most numerous kind, or none. */
export function likeThings(graph: RegionGraph): number[] {
  const things = [...graph.regions].filter(([, region]) => isThing(region, graph.pixels));
  let most: number[] = [];
  for (const [, one] of things) {
    const kind = things.filter(([, other]) => isLike(one, other)).map(([k]) => k);
    if (kind.length > most.length) most = kind;
  }
  return most.length >= LEAST ? most : [];
}

function isThing(region: Region, pixels: number): boolean {
  const share = region.area / pixels;
  const outline = region.outline + region.rim;
  if (share < SMALLEST || share > LARGEST || region.rim > RIM * outline) return false;
  let [edge, length] = [0, 0];
  for (const border of region.borders.values()) {
    edge += border.fine;
    length += border.pixels;
  }
  return outline ** 2 < ROUND * region.area && edge > EDGE * length;
}

const isLike = (p: Region, q: Region): boolean =>
  Math.abs(Math.log(p.area / q.area)) < Math.log(AREAS) &&
  coloursApart(p, q) < ALIKE_COLOUR &&
  textureApart(p, q) < ALIKE_TEXTURE;
