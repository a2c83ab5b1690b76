/**
 * What each pixel along an outline says by itself: what item and ground look like near it, and how much of it is the item's.
 *
 * Along the outline a pixel is I = αF + (1 − α)B (T. Porter, T. Duff, "Compositing Digital Images", SIGGRAPH 1984). F
 * and B are taken from the sure pixels on either side, α from the projection on the line between them (Y.-Y. Chuang
 * et al., "A Bayesian Approach to Digital Matting", CVPR 2001, equation 10 for point-like colours). What lies off that line is
 * no mix of the two (a joint between planks): the farther off, the less its colour tells (J. Wang, M. Cohen, "Optimized Color
 * Sampling for Robust Matting", CVPR 2007), and the outline decides.
 */
import { areaOf } from '../masks/mask.js';
import type { EdgeBand } from './edgeBand.js';
import type { Cut } from './cut.js';

/** Of n unsure pixels; `fore` is the item near each, `back` the ground. */
export interface Sides {
  /** Their indices, rising, [n]. */
  readonly pixels: Int32Array;
  /** Mean colours, 0–255, [n * 3]; the pixel's own where no sure pixel of that side is near. */
  readonly fore: Float32Array;
  readonly back: Float32Array;
  /** What they vary by: variances of a channel, of 255, [n]; Infinity where none is near. */
  readonly foreVaries: Float32Array;
  readonly backVaries: Float32Array;
  /** α as the pixel's colour and the outline say, 0–1, [n]. */
  readonly guess: Float32Array;
  /** How much of that the colour says, 0–1, [n]; `FIRM` where a side is not near, and the outline alone says it. */
  readonly told: Float32Array;
}

/** Colours closer than this (of 255) on both sides tell nothing about α: there the outline itself decides. */
const APART = 24;

/** So far off the line between F and B, in its lengths, a colour counts half; chosen on things of seed 7001 (bench/mattes). */
const OFF_THE_LINE = 0.4;

/** A mast or a strut is what its outline says, of which there is no sure pixel: neighbours do not fade it. */
const FIRM = 30;

/** So many steps from the outline to the band's far side: of a wide band every second or third pixel tells enough. */
const SAMPLED = 3;

export function sidesOf(cut: Cut, edge: EdgeBand): Sides {
  const { unsure, radius } = edge;
  const pixels = new Int32Array(areaOf({ ...cut.box, data: unsure }));
  for (let p = 0, a = 0; p < unsure.length; p++) if (unsure[p]) pixels[a++] = p;
  const numbers = (channels: number): Float32Array => new Float32Array(pixels.length * channels);
  const [fore, back, foreVaries, backVaries] = [numbers(3), numbers(3), numbers(1), numbers(1)];
  const sides = { pixels, fore, back, foreVaries, backVaries, guess: numbers(1), told: numbers(1) };
  const step = Math.max(1, Math.floor(radius / SAMPLED));
  const steps = Math.ceil((radius + 2) / step);
  const weights = Float32Array.from({ length: (2 * steps + 1) ** 2 }, (_, k) => {
    const [dx, dy] = [(k % (2 * steps + 1)) - steps, Math.floor(k / (2 * steps + 1)) - steps];
    return 1 / (1 + step * step * (dx * dx + dy * dy));
  });
  for (let a = 0; a < pixels.length; a++) {
    lookAround(a, sides, cut, unsure, { step, steps, weights });
    unmix(a, sides, cut, edge);
  }
  return sides;
}

/** Every so many-th pixel of a square, and how much it counts: the nearer the more. */
interface Around {
  readonly step: number;
  /** From the middle to a side. */
  readonly steps: number;
  /** [(2 * steps + 1) ** 2] */
  readonly weights: Float32Array;
}

/** Writes what the sure pixels around one look like. */
function lookAround(
  a: number,
  { pixels, fore, back, foreVaries, backVaries }: Sides,
  { box: { width, height }, inside, colours }: Cut,
  unsure: Uint8Array,
  { step, steps, weights }: Around,
): void {
  const p = pixels[a]!;
  const px = p % width;
  const py = (p - px) / width;
  const left = -Math.min(steps, Math.floor(px / step));
  const right = Math.min(steps, Math.floor((width - 1 - px) / step));
  const top = -Math.min(steps, Math.floor(py / step));
  const bottom = Math.min(steps, Math.floor((height - 1 - py) / step));
  let inner = 0;
  let outer = 0;
  let innerSquares = 0;
  let outerSquares = 0;
  // scalars, not arrays, which take twice as long
  let [r, g, b, outerR, outerG, outerB] = [0, 0, 0, 0, 0, 0];
  for (let dy = top; dy <= bottom; dy++) {
    let q = p + (dy * width + left) * step;
    let k = (dy + steps) * (2 * steps + 1) + left + steps;
    for (let dx = left; dx <= right; dx++, k++, q += step) {
      if (unsure[q]) continue;
      const weight = weights[k]!;
      const red = colours[q * 3]!;
      const green = colours[q * 3 + 1]!;
      const blue = colours[q * 3 + 2]!;
      const square = red * red + green * green + blue * blue;
      if (inside[q]) {
        inner += weight;
        r += weight * red;
        g += weight * green;
        b += weight * blue;
        innerSquares += weight * square;
      } else {
        outer += weight;
        outerR += weight * red;
        outerG += weight * green;
        outerB += weight * blue;
        outerSquares += weight * square;
      }
    }
  }
  for (let c = 0; c < 3; c++) fore[a * 3 + c] = back[a * 3 + c] = colours[p * 3 + c]!;
  foreVaries[a] = backVaries[a] = Infinity;
  if (inner > 0) foreVaries[a] = note(fore, a, r / inner, g / inner, b / inner, innerSquares / inner);
  if (outer > 0)
    backVaries[a] = note(back, a, outerR / outer, outerG / outer, outerB / outer, outerSquares / outer);
}

/** Writes a mean colour. @returns the variance, which the mean of the squares gives */
function note(means: Float32Array, a: number, r: number, g: number, b: number, squares: number): number {
  means[a * 3] = r;
  means[a * 3 + 1] = g;
  means[a * 3 + 2] = b;
  return Math.max(0, squares - r * r - g * g - b * b) / 3;
}

/** Writes what the pixel's own colour says. */
function unmix(
  a: number,
  { pixels, fore, back, foreVaries, backVaries, guess, told }: Sides,
  { inside, colours }: Cut,
  { outline }: EdgeBand,
): void {
  const p = pixels[a]!;
  if (foreVaries[a] === Infinity || backVaries[a] === Infinity) {
    guess[a] = inside[p]!;
    told[a] = FIRM;
    return;
  }
  let dot = 0;
  let square = 1;
  let apart = 0;
  for (let c = 0; c < 3; c++) {
    const line = fore[a * 3 + c]! - back[a * 3 + c]!;
    const own = colours[p * 3 + c]! - back[a * 3 + c]!;
    dot += own * line;
    square += line * line;
    apart += own * own;
  }
  const mixed = Math.min(1, Math.max(0, dot / square));
  const off = Math.max(0, apart - 2 * mixed * dot + mixed * mixed * square);
  const share = square / (square + APART * APART) / (1 + off / (OFF_THE_LINE * OFF_THE_LINE * square));
  // the outline as a ramp one pixel wide, for where colours do not tell
  const ramp = outline[p] ? (inside[p] ? 0.75 : 0.25) : inside[p]!;
  guess[a] = share * mixed + (1 - share) * ramp;
  told[a] = share;
}
