/**
 * Exact Euclidean distances on the pixel grid, in linear time.
 *
 * P. Felzenszwalb, D. Huttenlocher, "Distance Transforms of Sampled Functions", Theory of Computing 8 (2012): the
 * columns give every pixel its nearest seed of the same column; along a row, the lower envelope of the parabolas
 * (x - q)² + f(q) gives the nearest column. Keeping the parabola's owner besides its height makes it a nearest-seed
 * transform, from which distances and nearest labels follow.
 */
import { cropLabels } from '../compositing/resize.js';
import type { LabelMap, Mask } from '../raster.js';
import { type Box, boundsOf, grownBox } from './mask.js';

/** For every pixel the index of the nearest set pixel of `seeds`; -1 everywhere when there is none. */
export function nearestSeed(seeds: Mask): Int32Array {
  const { width, height } = seeds;
  const rows = nearestRowInColumn(seeds);
  const nearest = new Int32Array(width * height).fill(-1);
  const envelope = new Envelope(width);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    if (!envelope.over(rows, y)) continue;
    for (let x = 0; x < width; x++) {
      const column = envelope.columns[x]!;
      nearest[row + x] = rows[row + column]! * width + column;
    }
  }
  return nearest;
}

/**
 * Distance in pixels from every pixel's centre to the nearest set pixel's centre; Infinity when there is none.
 * @param reach distances above it may be said to be larger, or Infinity: that is faster
 */
export function distanceTo(seeds: Mask, reach = Number.POSITIVE_INFINITY): Float32Array {
  const { width, height } = seeds;
  const rows = nearestRowInColumn(seeds);
  const distance = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  const envelope = new Envelope(width, reach);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    if (!envelope.over(rows, y)) continue;
    for (let x = 0; x < width; x++) {
      const column = envelope.columns[x]!;
      const dx = x - column;
      const dy = y - rows[row + column]!;
      distance[row + x] = Math.sqrt(dx * dx + dy * dy);
    }
  }
  return distance;
}

/** Every pixel gets the label of the nearest pixel of `known`; pixels of `known` keep theirs. */
export function nearestLabel(labels: LabelMap, known: Mask): LabelMap {
  const { width, height } = labels;
  const data = new Uint8Array(labels.data);
  const unknown = boundsOf(known, 0);
  if (!unknown) return { width, height, data };
  // the nearest one to a pixel lies beside the unknown ones around it: in their box, and a pixel more
  const box = grownBox(unknown, 1, labels);
  const rows = nearestRowInColumn(cropLabels(known, box));
  const envelope = new Envelope(box.width);
  for (let y = 0; y < box.height; y++) {
    const row = y * box.width;
    if (!envelope.over(rows, y)) continue;
    const to = (box.top + y) * width + box.left;
    for (let x = 0; x < box.width; x++) {
      if (rows[row + x] === y) continue;
      const column = envelope.columns[x]!;
      data[to + x] = labels.data[(box.top + rows[row + column]!) * width + box.left + column]!;
    }
  }
  return { width, height, data };
}

/** The items that get a place's pixels, as `heirsOf` finds them. */
export interface Heirs {
  readonly box: Box;
  /** [box.height * box.width]: each wanted pixel's new label; others mean nothing. */
  readonly labels: Uint8Array;
}

/**
 * Every wanted pixel gets the label of the nearest pixel outside the hole of an item that stays. The work grows with the
 * wanted pixels' box, not with the picture.
 *
 * @param stays 1 for each label that may be given
 * @returns undefined where no pixel is wanted, or none can be given
 */
export function heirsOf(labels: LabelMap, hole: Mask, stays: Uint8Array, wanted: Mask): Heirs | undefined {
  if (!wanted.data.includes(1)) return undefined;
  const { width } = labels;
  const seedsIn = (part: Box): Mask => {
    const seeds = cropLabels(hole, part);
    for (let y = 0, i = 0; y < part.height; y++) {
      let at = (part.top + y) * width + part.left;
      for (const end = i + part.width; i < end; i++, at++) {
        seeds.data[i] = (seeds.data[i]! ^ 1) & stays[labels.data[at]!]!;
      }
    }
    return seeds;
  };
  const { box, nearest } = nearestTo(seedsIn, wanted);
  const heirs = new Uint8Array(nearest.length);
  const corner = box.top * width + box.left;
  for (let i = 0; i < heirs.length; i++) {
    const seed = nearest[i]!;
    if (seed < 0) return undefined;
    const x = seed % box.width;
    heirs[i] = labels.data[corner + ((seed - x) / box.width) * width + x]!;
  }
  return { box, labels: heirs };
}

/** As much of the picture around `wanted` as holds what is nearest to it; `nearest` are indices there. */
function nearestTo(seedsIn: (box: Box) => Mask, wanted: Mask): { box: Box; nearest: Int32Array } {
  const bounds = boundsOf(wanted)!;
  for (let by = 16; ;) {
    const box = grownBox(bounds, by, wanted);
    const nearest = nearestSeed(seedsIn(box));
    if (box.width === wanted.width && box.height === wanted.height) return { box, nearest };
    const lacking = lackOf(nearest, cropLabels(wanted, box), box, wanted);
    if (lacking === 0) return { box, nearest };
    by = Number.isFinite(lacking) ? by + lacking : by * 4;
  }
}

/**
 * By how many pixels the box is too small for sure: so much nearer than what was found something outside might lie;
 * Infinity where nothing was found.
 */
function lackOf(
  nearest: Int32Array,
  wanted: Mask,
  box: Box,
  picture: { width: number; height: number },
): number {
  const { width, height, data } = wanted;
  const free = Number.POSITIVE_INFINITY;
  const toLeft = box.left > 0 ? 1 : free;
  const toTop = box.top > 0 ? 1 : free;
  const toRight = box.left + width < picture.width ? 1 : free;
  const toBottom = box.top + height < picture.height ? 1 : free;
  let lacking = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!data[i]) continue;
      const seed = nearest[i]!;
      if (seed < 0) return free;
      const seedX = seed % width;
      const [dx, dy] = [x - seedX, y - (seed - seedX) / width];
      const out = Math.min((x + 1) * toLeft, (y + 1) * toTop, (width - x) * toRight, (height - y) * toBottom);
      const away = dx * dx + dy * dy;
      if (away >= out * out) lacking = Math.max(lacking, Math.floor(Math.sqrt(away) - out) + 1);
    }
  }
  return lacking;
}

/** The lower envelope of one row's parabolas. */
class Envelope {
  /** For every x the column whose parabola is the lowest there: that of the nearest seed. */
  readonly columns: Int32Array;
  readonly #owners: Int32Array; // columns whose parabolas make the envelope, from left to right
  readonly #starts: Float64Array; // where each begins to be the lowest
  readonly #heights: Float64Array;

  readonly #highest: number; // parabolas that begin higher are left out

  constructor(
    private readonly width: number,
    reach = Number.POSITIVE_INFINITY,
  ) {
    this.#highest = reach * reach;
    this.columns = new Int32Array(width);
    this.#owners = new Int32Array(width);
    this.#starts = new Float64Array(width + 1);
    this.#heights = new Float64Array(width);
  }

  /** Finds row y's nearest columns. @returns false when no column has a seed */
  over(rows: Rows, y: number): boolean {
    const { width, columns } = this;
    const row = y * width;
    for (let x = 0; x < width; x++) {
      if (rows[row + x] === y) {
        columns[x] = x;
        continue;
      }
      // between two seeds of the row itself none beyond them is nearer
      const from = Math.max(0, x - 1);
      while (x < width && rows[row + x] !== y) x++;
      if (!this.#between(rows, y, from, Math.min(width - 1, x))) return false;
    }
    return true;
  }

  /** The same from one column to another. */
  #between(rows: Rows, y: number, first: number, end: number): boolean {
    const { width, columns } = this;
    const [owners, starts, heights] = [this.#owners, this.#starts, this.#heights];
    const row = y * width;
    const highest = this.#highest;
    let last = -1;
    for (let q = first; q <= end; q++) {
      const seedRow = rows[row + q]!;
      if (seedRow < 0) continue;
      const f = (seedRow - y) * (seedRow - y);
      if (f > highest) continue;
      heights[q] = f;
      let start = Number.NEGATIVE_INFINITY;
      while (last >= 0) {
        const p = owners[last]!;
        start = (f + q * q - (heights[p]! + p * p)) / (2 * (q - p));
        if (start > starts[last]!) break;
        last--;
        start = Number.NEGATIVE_INFINITY;
      }
      last++;
      owners[last] = q;
      starts[last] = start;
    }
    if (last < 0) return false;
    for (let x = first, k = 0; x <= end; x++) {
      while (k < last && starts[k + 1]! < x) k++;
      columns[x] = owners[k]!;
    }
    return true;
  }
}

/** No picture is higher (`MAX_PIXELS`, `MAX_ASPECT`), and half the bytes are half the time to write them. */
type Rows = Int16Array;

/** For every pixel the row of the nearest seed in its column, -1 when the column has none. */
function nearestRowInColumn(seeds: Mask): Rows {
  const { width, height, data } = seeds;
  const rows: Rows = new Int16Array(width * height);
  for (let x = 0; x < width; x++) rows[x] = data[x] ? 0 : -1;
  for (let y = 1; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      rows[i] = data[i] ? y : rows[i - width]!;
    }
  }
  for (let y = height - 2; y >= 0; y--) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const above = rows[i]!;
      const below = rows[i + width]!;
      if (below >= 0 && (above < 0 || below - y < y - above)) rows[i] = below;
    }
  }
  return rows;
}
