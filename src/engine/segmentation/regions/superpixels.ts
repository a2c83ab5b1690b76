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
  const centres: Float64Array[] = [];
  for (let y = step / 2; y < height; y += step) {
    for (let x = step / 2; x < width; x += step) {
      const i = Math.floor(y) * width + Math.floor(x);
      centres.push(Float64Array.of(data[i * 3]!, data[i * 3 + 1]!, data[i * 3 + 2]!, x, y));
    }
  }
  const nearest = new Int32Array(width * height);
  const best = new Float64Array(width * height);
  const space = (COMPACTNESS / step) ** 2;
  for (let round = 0; round < ROUNDS; round++) {
    best.fill(Number.POSITIVE_INFINITY);
    nearest.fill(-1);
    centres.forEach((centre, k) => {
      const [l, a, b, cx, cy] = centre as unknown as [number, number, number, number, number];
      const bottom = Math.min(height - 1, Math.ceil(cy + step));
      const right = Math.min(width - 1, Math.ceil(cx + step));
      for (let y = Math.max(0, Math.floor(cy - step)); y <= bottom; y++) {
        for (let x = Math.max(0, Math.floor(cx - step)); x <= right; x++) {
          const i = y * width + x;
          const colour = (data[i * 3]! - l) ** 2 + (data[i * 3 + 1]! - a) ** 2 + (data[i * 3 + 2]! - b) ** 2;
          const distance = colour + space * ((x - cx) ** 2 + (y - cy) ** 2);
          if (distance < best[i]!) {
            best[i] = distance;
            nearest[i] = k;
          }
        }
      }
    });
    const sums = centres.map(() => new Float64Array(6));
    for (let i = 0; i < nearest.length; i++) {
      if (nearest[i]! < 0) continue;
      const sum = sums[nearest[i]!]!;
      for (let c = 0; c < 3; c++) sum[c]! += data[i * 3 + c]!;
      sum[3]! += i % width;
      sum[4]! += Math.floor(i / width);
      sum[5]!++;
    }
    sums.forEach((sum, k) => {
      if (sum[5]! > 0) for (let c = 0; c < 5; c++) centres[k]![c] = sum[c]! / sum[5]!;
    });
  }
  return connected(nearest, picture, (step * step) / 5);
}

/** Pieces of the clusters; those smaller than `least` join the piece found before them, as in the SLIC paper. */
function connected(cluster: Int32Array, { width, height }: LabPicture, least: number): Superpixels {
  const of = new Int32Array(cluster.length).fill(-1);
  let count = 0;
  for (let start = 0; start < cluster.length; start++) {
    if (of[start]! >= 0) continue;
    const members = [start];
    of[start] = count;
    let before = -1;
    for (let k = 0; k < members.length; k++) {
      const i = members[k]!;
      const x = i % width;
      const y = (i - x) / width;
      for (const j of [
        x > 0 ? i - 1 : -1,
        x + 1 < width ? i + 1 : -1,
        i - width,
        y + 1 < height ? i + width : -1,
      ]) {
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
