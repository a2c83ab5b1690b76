/**
 * How much of each pixel along an outline is the item, so that all of them agree: in every square of three by three pixels α is
 * nearly a linear function of colour (A. Levin, D. Lischinski, Y. Weiss, "A Closed Form Solution to Natural Image Matting",
 * CVPR 2006, equations 5 and 12), and near what each pixel says by itself, the more it is told the nearer (E. Gastal,
 * M. Oliveira, "Shared Sampling for Real-Time Alpha Matting", Eurographics 2010, equation 11).
 */
import type { Cut } from './cut.js';
import type { Sides } from './sides.js';

/** A pixel shares squares with those up to two rows and columns away. */
const REACH = 2;
const ACROSS = 2 * REACH + 1;
const SHARED = ACROSS * ACROSS;
const ITSELF = (SHARED - 1) / 2;

/** The variance that colours of a square have at least, of 1: a step of 255 or so; chosen, as the two below, on things of seed 7011. */
const GRAIN = 1e-5;

/** What a pixel says by itself counts so much beside its squares' equations, and so much more where its colour tells. */
const [UNTOLD, TOLD] = [0.01, 0.01];

/** Of successive over-relaxation, there and back. */
const [ROUNDS, RELAXED] = [12, 1.7];

/** @returns α of the unsure pixels, 0–1, [n] */
export function agreed(cut: Cut, { pixels, guess, told }: Sides): Float32Array {
  const { width } = cut.box;
  const rows = laplacianOf(cut, pixels);
  // with room for what pixels at the rim would share, which counts nothing
  const room = REACH * width + REACH;
  const alpha = new Float32Array(cut.inside.length + 2 * room);
  alpha.set(cut.inside, room);
  const last = pixels.length - 1;
  for (let a = 0; a <= last; a++) alpha[pixels[a]! + room] = guess[a]!;
  for (let round = 0; round < ROUNDS; round++) {
    for (let k = 0; k <= last; k++) {
      const a = round % 2 === 0 ? k : last - k;
      const p = pixels[a]! + room;
      const trust = UNTOLD + TOLD * told[a]!;
      let slope = trust * (alpha[p]! - guess[a]!);
      for (let q = p - room, r = a * SHARED; q <= p + room; q += width, r += ACROSS)
        slope +=
          rows[r]! * alpha[q]! +
          rows[r + 1]! * alpha[q + 1]! +
          rows[r + 2]! * alpha[q + 2]! +
          rows[r + 3]! * alpha[q + 3]! +
          rows[r + 4]! * alpha[q + 4]!;
      const step = (RELAXED * slope) / (rows[a * SHARED + ITSELF]! + trust);
      alpha[p] = Math.min(1, Math.max(0, alpha[p]! - step));
    }
  }
  return Float32Array.from(pixels, (p) => alpha[p + room]!);
}

/** The matting Laplacian's rows of these pixels, [n * SHARED]; squares that leave the cut are left out. */
function laplacianOf({ box: { width, height }, colours }: Cut, pixels: Int32Array): Float32Array {
  const rows = new Float32Array(pixels.length * SHARED);
  const square = [-width - 1, -width, -width + 1, -1, 0, 1, width - 1, width, width + 1];
  const rowOf = new Int32Array(width * height).fill(-1);
  const isMiddle = new Uint8Array(width * height);
  for (let a = 0; a < pixels.length; a++) {
    rowOf[pixels[a]!] = a;
    for (let k = 0; k < 9; k++) isMiddle[pixels[a]! + square[k]!] = 1;
  }
  // where in the row of the square's pixel i its pixel j is
  const columns = square.flatMap((_, i) =>
    square.map((__, j) => (Math.floor(j / 3) - Math.floor(i / 3)) * ACROSS + (j % 3) - (i % 3) + ITSELF),
  );
  const off = new Float64Array(27);
  const inverse = new Float64Array(6);
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const middle = y * width + x;
      if (!isMiddle[middle]) continue;
      spread(colours, middle, square, off, inverse);
      for (let i = 0; i < 9; i++) {
        const row = rowOf[middle + square[i]!]! * SHARED;
        if (row < 0) continue;
        const [r, g, b] = [off[i * 3]!, off[i * 3 + 1]!, off[i * 3 + 2]!];
        const red = inverse[0]! * r + inverse[1]! * g + inverse[2]! * b;
        const green = inverse[1]! * r + inverse[3]! * g + inverse[4]! * b;
        const blue = inverse[2]! * r + inverse[4]! * g + inverse[5]! * b;
        rows[row + ITSELF]! += 1;
        for (let j = 0, k = 0; j < 9; j++, k += 3)
          rows[row + columns[i * 9 + j]!]! -=
            (1 + red * off[k]! + green * off[k + 1]! + blue * off[k + 2]!) / 9;
      }
    }
  }
  return rows;
}

/** Writes how far a square's colours (of 1) are off their mean, and the inverse of their covariance, its upper half by rows. */
function spread(
  colours: Uint8Array,
  middle: number,
  square: readonly number[],
  off: Float64Array,
  inverse: Float64Array,
): void {
  let [red, green, blue] = [0, 0, 0];
  for (let k = 0; k < 9; k++) {
    const q = (middle + square[k]!) * 3;
    red += off[k * 3] = colours[q]! / 255;
    green += off[k * 3 + 1] = colours[q + 1]! / 255;
    blue += off[k * 3 + 2] = colours[q + 2]! / 255;
  }
  let [rr, rg, rb, gg, gb, bb] = [GRAIN, 0, 0, GRAIN, 0, GRAIN];
  for (let k = 0; k < 27; k += 3) {
    const r = (off[k]! -= red / 9);
    const g = (off[k + 1]! -= green / 9);
    const b = (off[k + 2]! -= blue / 9);
    rr += (r * r) / 9;
    rg += (r * g) / 9;
    rb += (r * b) / 9;
    gg += (g * g) / 9;
    gb += (g * b) / 9;
    bb += (b * b) / 9;
  }
  const [c0, c1, c2] = [gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg];
  const determinant = rr * c0 + rg * c1 + rb * c2;
  inverse[0] = c0 / determinant;
  inverse[1] = c1 / determinant;
  inverse[2] = c2 / determinant;
  inverse[3] = (rr * bb - rb * rb) / determinant;
  inverse[4] = (rg * rb - rr * gb) / determinant;
  inverse[5] = (rr * gg - rg * rg) / determinant;
}
