/**
 * What a cut by colours leaves open in a thing: where the thing has the ground's colours too, a ball's seams on planks, it is
 * taken for ground. Slits and holes are the thing's, unless what is drawn there is the ground of that very place
 * (known background: J. Sun et al., "Background Cut", ECCV 2006).
 */
import { cropLabels } from '../compositing/resize.js';
import { bandOf } from '../draft/edgeBand.js';
import { areaOf, boundsOf, grownBox, invert, subtract, union } from '../masks/mask.js';
import { connectedPieces, dilate, erode } from '../masks/morphology.js';
import type { Mask, Raster } from '../raster.js';

/** A slit is at most this share of the thing's size wide, which is the square root of its area. */
const SLIT = 1 / 4;
/**
 * Ground is drawn this near to what it is, of 255, in the colour that differs most. In 16 drawings of pocket's it was 6 to
 * 12 off; the things' own colours in their gaps, all but one of 29, 15 and more.
 */
const GROUND = 14;

/**
 * The thing without its gaps.
 * @param ground what is drawn beside the thing is near to this
 */
export function withoutGaps(thing: Mask, drawing: Raster, ground?: Raster): Mask {
  const bounds = boundsOf(thing);
  if (!bounds) return thing;
  const reach = (SLIT / 2) * Math.sqrt(areaOf(thing));
  const box = grownBox(bounds, Math.ceil(reach) + 1, thing);
  const part = cropLabels(thing, box);
  const gaps = subtract(withoutHoles(erode(dilate(part, reach), reach)), part);
  const { pieces, areas } = connectedPieces(gaps);
  const sums = areas.map(() => 0);
  const at = (i: number): number =>
    (box.top + Math.floor(i / box.width)) * thing.width + box.left + (i % box.width);
  if (ground) pieces.forEach((piece, i) => piece && (sums[piece]! += apart(drawing, ground, at(i))));
  const whole = { ...thing, data: new Uint8Array(thing.data) };
  pieces.forEach((piece, i) => {
    if (!piece) return;
    const [area, sum] = [areas[piece]!, sums[piece]!];
    // a few pixels tell nothing
    if (!ground || area < reach ** 2 || sum >= GROUND * area) whole.data[at(i)] = 1;
  });
  return whole;
}

/** With all that is enclosed. */
function withoutHoles(mask: Mask): Mask {
  const { width, height } = mask;
  const { pieces, areas } = connectedPieces(invert(mask));
  const isOuter = areas.map(() => false);
  pieces.forEach((piece, i) => {
    const x = i % width;
    const y = Math.floor(i / width);
    if (x === 0 || y === 0 || x + 1 === width || y + 1 === height) isOuter[piece] = true;
  });
  return union(mask, { width, height, data: Uint8Array.from(pieces, (piece) => (isOuter[piece] ? 0 : 1)) });
}

/** How far a pixel is from the ground, which may be drawn a little beside its place. */
function apart(drawing: Raster, ground: Raster, i: number): number {
  const { width, height } = ground;
  const reach = bandOf(ground);
  const [x, y] = [i % width, Math.floor(i / width)];
  let nearest = 255;
  for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++)
    for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
      let most = 0;
      for (let c = 0; c < 3; c++)
        most = Math.max(most, Math.abs(drawing.data[i * 3 + c]! - ground.data[(v * width + u) * 3 + c]!));
      nearest = Math.min(nearest, most);
    }
  return nearest;
}
