/** The lines between items. */
import type { LabelMap, Mask } from '../raster.js';

/** Each pixel near a border takes the label most of the pixels around it have: no frayed edges, no lone pixels. */
export function smoothBorders(labels: LabelMap, radius: number): LabelMap {
  const { width, height } = labels;
  const near = within(borderOf(labels), radius).data;
  const data = new Uint8Array(labels.data);
  const votes = new Uint16Array(256);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (!near[i]) continue;
      votes.fill(0);
      let best = labels.data[i]!;
      for (let ny = Math.max(0, y - radius); ny <= Math.min(height - 1, y + radius); ny++) {
        for (let nx = Math.max(0, x - radius); nx <= Math.min(width - 1, x + radius); nx++) {
          const label = labels.data[ny * width + nx]!;
          votes[label]!++;
          if (votes[label]! > votes[best]!) best = label;
        }
      }
      data[i] = best;
    }
  }
  return { width, height, data };
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
