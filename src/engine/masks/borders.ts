/** The lines between items. */
import type { LabelMap, Mask } from '../raster.js';
import { areasOf, MAX_LABELS } from './labelMap.js';

/**
 * Each pixel near a border takes the label most of the pixels around it have: no frayed edges, no lone pixels. Of labels that
 * as many have it is the one whose last is the first, row by row.
 */
export function smoothBorders(labels: LabelMap, radius: number): LabelMap {
  const { width, height, data: from } = labels;
  const near = within(borderOf(labels), radius).data;
  const data = new Uint8Array(from);
  const votes = new Uint32Array(areasOf(labels).length);
  const count = (column: number, top: number, bottom: number, by: 1 | -1): void => {
    for (let y = top, j = top * width + column; y <= bottom; y++, j += width) votes[from[j]!]! += by;
  };
  for (let y = 0, i = 0; y < height; y++) {
    const top = Math.max(0, y - radius);
    const bottom = Math.min(height - 1, y + radius);
    let isCounted = false;
    for (let x = 0; x < width; x++, i++) {
      if (!near[i]) {
        isCounted = false;
        continue;
      }
      // beside a pixel that was counted only two columns are others
      if (isCounted) {
        if (x > radius) count(x - radius - 1, top, bottom, -1);
        if (x + radius < width) count(x + radius, top, bottom, 1);
      } else {
        votes.fill(0);
        for (let nx = Math.max(0, x - radius); nx <= Math.min(width - 1, x + radius); nx++)
          count(nx, top, bottom, 1);
        isCounted = true;
      }
      let best = 0;
      let isTied = false;
      for (let label = 1; label < votes.length; label++) {
        if (votes[label]! < votes[best]!) continue;
        isTied = votes[label] === votes[best];
        if (!isTied) best = label;
      }
      data[i] = isTied ? firstToHave(votes[best]!, labels, { x, y, radius }) : best;
    }
  }
  return { width, height, data };
}

/** The label that has so many pixels of a square first. */
function firstToHave(
  votes: number,
  { width, height, data }: LabelMap,
  { x, y, radius }: { x: number; y: number; radius: number },
): number {
  const counts = new Uint32Array(MAX_LABELS);
  for (let ny = Math.max(0, y - radius); ny <= Math.min(height - 1, y + radius); ny++) {
    for (let nx = Math.max(0, x - radius); nx <= Math.min(width - 1, x + radius); nx++) {
      const label = data[ny * width + nx]!;
      if (++counts[label]! === votes) return label;
    }
  }
  throw new RangeError('no label has so many pixels there');
}

/** The pixels with one of their four neighbours in another item. */
export function borderOf({ width, height, data }: LabelMap): Mask {
  const border = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (
        (x + 1 < width && data[i] !== data[i + 1]) ||
        (y + 1 < height && data[i] !== data[i + width]) ||
        (x > 0 && data[i] !== data[i - 1]) ||
        (y > 0 && data[i] !== data[i - width])
      ) {
        border[i] = 1;
      }
    }
  }
  return { width, height, data: border };
}

/** The pixels at most `radius` from a pixel of a thin mask: a disc is laid on each. */
export function within({ width, height, data }: Mask, radius: number): Mask {
  const covered = new Uint8Array(data.length);
  const rows = Math.floor(radius);
  const reaches = Array.from({ length: rows + 1 }, (_, dy) =>
    Math.floor(Math.sqrt(radius * radius - dy * dy)),
  );
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!data[y * width + x]) continue;
      const last = Math.min(height - 1, y + rows);
      for (let ny = Math.max(0, y - rows); ny <= last; ny++) {
        const reach = reaches[Math.abs(ny - y)]!;
        const end = ny * width + Math.min(width - 1, x + reach);
        for (let j = ny * width + Math.max(0, x - reach); j <= end; j++) covered[j] = 1;
      }
    }
  }
  return { width, height, data: covered };
}
