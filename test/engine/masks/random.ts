import type { LabelMap, Mask } from '../../../src/engine/raster.js';

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function randomMask(next: () => number, width: number, height: number, density: number): Mask {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, () => (next() < density ? 1 : 0)),
  };
}

export function randomLabels(next: () => number, width: number, height: number, count: number): LabelMap {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height }, () => Math.floor(next() * count)),
  };
}

/** A label map from rows of digits. */
export function labelsOf(...rows: string[]): LabelMap {
  return { width: rows[0]!.length, height: rows.length, data: Uint8Array.from(rows.join(''), Number) };
}

export function rowsOf(labels: LabelMap): string[] {
  return Array.from({ length: labels.height }, (_, y) =>
    [...labels.data.subarray(y * labels.width, (y + 1) * labels.width)].join(''),
  );
}
