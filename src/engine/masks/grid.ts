/**
 * Masks at the resolution of the latents and of the attention maps. A cell covers width / gridWidth by
 * height / gridHeight pixels, which need not be whole numbers: pixels on a cell's border count by their share.
 */
import type { LabelMap, Mask } from '../raster.js';
import { areasOf } from './labelMap.js';

/** The label that covers most of each cell; a tie goes to the higher label, so that items win over the ground. */
export function toGrid(labels: LabelMap, gridWidth: number, gridHeight: number): LabelMap {
  const count = areasOf(labels).length;
  const votes = new Float64Array(gridWidth * gridHeight * count);
  eachShare(labels, gridWidth, gridHeight, (pixel, cell, share) => {
    votes[cell * count + labels.data[pixel]!]! += share;
  });
  const data = new Uint8Array(gridWidth * gridHeight);
  for (let cell = 0; cell < data.length; cell++) {
    let best = 0;
    for (let label = 1; label < count; label++) {
      // Shares are sums of rounded products: what differs by less than that is a tie.
      if (votes[cell * count + label]! > votes[cell * count + best]! - 1e-9) best = label;
    }
    data[cell] = best;
  }
  return { width: gridWidth, height: gridHeight, data };
}

/** The covered fraction of each cell, 0 … 1, row by row: [gridHeight * gridWidth]. */
export function maskToGrid(mask: Mask, gridWidth: number, gridHeight: number): Float32Array {
  const covered = new Float64Array(gridWidth * gridHeight);
  eachShare(mask, gridWidth, gridHeight, (pixel, cell, share) => {
    if (mask.data[pixel]) covered[cell]! += share;
  });
  const cellArea = (mask.width * mask.height) / (gridWidth * gridHeight);
  return Float32Array.from(covered, (area) => Math.min(1, area / cellArea));
}

/** Calls back for every pixel and every cell it overlaps, with the overlap's area in square pixels. */
function eachShare(
  size: { width: number; height: number },
  gridWidth: number,
  gridHeight: number,
  visit: (pixel: number, cell: number, share: number) => void,
): void {
  const columns = overlaps(size.width, gridWidth);
  const rows = overlaps(size.height, gridHeight);
  for (const row of rows) {
    for (const column of columns) {
      visit(
        row.pixel * size.width + column.pixel,
        row.cell * gridWidth + column.cell,
        row.length * column.length,
      );
    }
  }
}

/** The overlaps of `pixels` unit intervals with `cells` equal intervals of the same total length. */
function overlaps(pixels: number, cells: number): { pixel: number; cell: number; length: number }[] {
  const out: { pixel: number; cell: number; length: number }[] = [];
  let pixel = 0;
  let cell = 0;
  // Ends in units of 1 / cells pixels are whole numbers, so that borders that coincide do so exactly.
  let at = 0;
  while (pixel < pixels && cell < cells) {
    const pixelEnd = (pixel + 1) * cells;
    const cellEnd = (cell + 1) * pixels;
    const end = Math.min(pixelEnd, cellEnd);
    out.push({ pixel, cell, length: (end - at) / cells });
    if (pixelEnd === end) pixel++;
    if (cellEnd === end) cell++;
    at = end;
  }
  return out;
}
