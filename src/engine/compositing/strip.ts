import type { Raster } from '../raster.js';
import { resizeRaster } from './resize.js';

const GAP_SHARE = 0.012;
const GAP_GREY = 255;

/** Pictures side by side, from left to right, with a thin white gap; all take the height of the first. */
export async function drawStrip(pictures: readonly Raster[]): Promise<Raster> {
  const height = pictures[0]!.height;
  const columns = await Promise.all(
    pictures.map((picture) =>
      resizeRaster(picture, Math.max(1, Math.round((picture.width * height) / picture.height)), height),
    ),
  );
  const gap = Math.max(2, Math.round(height * GAP_SHARE));
  const width = columns.reduce((sum, column) => sum + column.width, gap * (columns.length - 1));
  const data = new Uint8Array(width * height * 3).fill(GAP_GREY);
  let left = 0;
  for (const column of columns) {
    for (let y = 0; y < height; y++) {
      const row = column.data.subarray(y * column.width * 3, (y + 1) * column.width * 3);
      data.set(row, (y * width + left) * 3);
    }
    left += column.width + gap;
  }
  return { width, height, data };
}
