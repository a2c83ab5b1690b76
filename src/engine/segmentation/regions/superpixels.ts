/**
 * SLIC superpixels (R. Achanta et al., "SLIC Superpixels Compared to State-of-the-Art Superpixel Methods", IEEE PAMI
 * 34 (2012)): k-means on (L, a, b, x, y), each centre looking at its neighbourhood only; then connected pieces.
 */
import type { LabPicture } from '../lab.js';

const ROUNDS = 6;
const COMPACTNESS = 10;

export interface Superpixels {
  /** The superpixel of every pixel, 0 … count - 1; each is connected (4 neighbours). */
  readonly of: Int32Array;
  readonly count: number;
}

/** Superpixels of about `step` × `step` pixels. */
export function superpixelsOf(picture: LabPicture, step: number): Superpixels {
  const { width, height, data } = picture;
  const starts: number[] = [];
  for (let y = step / 2; y < height; y += step) {
    for (let x = step / 2; x < width; x += step) {
      const i = Math.floor(y) * width + Math.floor(x);
      starts.push(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!, x, y);
    }
  }
  /** L, a, b, x and y of each. */
  const centres = Float64Array.from(starts);
  const count = centres.length / 5;
  const nearest = new Int32Array(width * height);
  const best = new Float64Array(width * height);
  const space = (COMPACTNESS / step) ** 2;
  for (let round = 0; round < ROUNDS; round++) {
    best.fill(Number.POSITIVE_INFINITY);
    nearest.fill(-1);
    for (let k = 0; k < count; k++) {
      const l = centres[k * 5]!;
      const a = centres[k * 5 + 1]!;
      const b = centres[k * 5 + 2]!;
      const cx = centres[k * 5 + 3]!;
      const cy = centres[k * 5 + 4]!;
      const bottom = Math.min(height - 1, Math.ceil(cy + step));
      const left = Math.max(0, Math.floor(cx - step));
      const right = Math.min(width - 1, Math.ceil(cx + step));
      for (let y = Math.max(0, Math.floor(cy - step)); y <= bottom; y++) {
        const down = (y - cy) ** 2;
        for (let x = left, i = y * width + left; x <= right; x++, i++) {
          const colour = (data[i * 3]! - l) ** 2 + (data[i * 3 + 1]! - a) ** 2 + (data[i * 3 + 2]! - b) ** 2;
          const distance = colour + space * ((x - cx) ** 2 + down);
          if (distance < best[i]!) {
            best[i] = distance;
            nearest[i] = k;
          }
        }
      }
    }
    const sums = new Float64Array(count * 6);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (nearest[i]! < 0) continue;
        const at = nearest[i]! * 6;
        for (let c = 0; c < 3; c++) sums[at + c]! += data[i * 3 + c]!;
        sums[at + 3]! += x;
        sums[at + 4]! += y;
        sums[at + 5]!++;
      }
    }
    for (let k = 0; k < count; k++) {
      const members = sums[k * 6 + 5]!;
      if (members > 0) for (let c = 0; c < 5; c++) centres[k * 5 + c] = sums[k * 6 + c]! / members;
    }
  }
  return connected(nearest, picture, (step * step) / 5);
}

/** Pieces of the clusters; those smaller than `least` join the piece found before them, as in the SLIC paper. */
function connected(cluster: Int32Array, { width }: LabPicture, least: number): Superpixels {
  const of = new Int32Array(cluster.length).fill(-1);
  const near = new Int32Array(4);
  let count = 0;
  for (let start = 0; start < cluster.length; start++) {
    if (of[start]! >= 0) continue;
    const members = [start];
    of[start] = count;
    let before = -1;
    for (let k = 0; k < members.length; k++) {
      const i = members[k]!;
      const x = i % width;
      near[0] = x > 0 ? i - 1 : -1;
      near[1] = x + 1 < width ? i + 1 : -1;
      near[2] = i - width;
      near[3] = i + width;
      for (let n = 0; n < near.length; n++) {
        const j = near[n]!;
        if (j < 0 || j >= of.length) continue;
        if (of[j]! >= 0) {
          if (of[j] !== count) before = of[j]!;
        } else if (cluster[j] === cluster[start]) {
          of[j] = count;
          members.push(j);
        }
      }
    }
    if (members.length < least && before >= 0) for (const i of members) of[i] = before;
    else count++;
  }
  return { of, count };
}
