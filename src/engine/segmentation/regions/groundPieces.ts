/**
 * Pieces of one ground that lie apart: the wall on both sides of a tower, the meadow between two legs. No border tells of
 * them, so that merging leaves each an item of its own.
 */
import { coloursApart, groundShare, textureApart } from './pair.js';
import type { Region, RegionGraph } from './regionGraph.js';

/** Both have the ground's colours for the most part, and are alike: in CIELAB units, and in log(1 + difference). */
const [GROUND, ALIKE_COLOUR, ALIKE_TEXTURE] = [0.7, 8, 0.5];
/** The smaller is no larger than this share of the picture. */
const PIECE = 0.12;
/** The picture's rim cuts off both: so much of either's outline lies there. */
const CUT_OFF = 0.1;
/** Or the larger lies all around: it has so much of the picture's rim. */
const AROUND = 0.7;

/**
 * Pieces of the ground become one region with the piece most like them, in place. Things that are alike (coins, zebras, hair
 * and coat) mostly lie inside the picture, grounds are cut off by its rim: of 24 pairs that this joins in 154 pictures, 17
 * are one ground to the eye and 3 are not (docs/segmentation.md).
 */
export function joinGround(graph: RegionGraph): void {
  for (;;) {
    const ground = [...graph.regions].filter(([, region]) => groundShare(region) > GROUND);
    let best: { a: number; b: number; apart: number } | undefined;
    for (const [n, [a, p]] of ground.entries()) {
      for (const [b, q] of ground.slice(n + 1)) {
        if (p.borders.has(b) || !isOneGround(graph, p, q)) continue;
        const apart = coloursApart(p, q);
        if (apart < (best?.apart ?? ALIKE_COLOUR)) best = { a, b, apart };
      }
    }
    if (!best) return;
    graph.merge(best.a, best.b);
  }
}

function isOneGround(graph: RegionGraph, p: Region, q: Region): boolean {
  const [piece, larger] = p.area < q.area ? [p, q] : [q, p];
  if (piece.area > PIECE * graph.pixels) return false;
  if (larger.rim > AROUND * graph.rim) return true;
  const cutOff = [p, q].every(({ rim, outline }) => rim > CUT_OFF * (rim + outline));
  return cutOff && textureApart(p, q) < ALIKE_TEXTURE;
}
