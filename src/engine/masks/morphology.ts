/** Growing and shrinking with a disc, and connected pieces. Radii are pixels and need not be whole. */
import { cropLabels } from '../compositing/resize.js';
import type { Mask } from '../raster.js';
import { distanceTo } from './distance.js';
import { boundsOf, grownBox, invert, subtract } from './mask.js';

/** Every pixel whose centre lies at most `radius` from a pixel of the mask. */
export function dilate(mask: Mask, radius: number): Mask {
  const { width, height } = mask;
  const data = new Uint8Array(mask.data.length);
  const bounds = boundsOf(mask);
  if (!bounds) return { width, height, data };
  const box = grownBox(bounds, Math.ceil(Math.max(0, radius)), mask);
  const distance = distanceTo(cropLabels(mask, box), radius);
  for (let y = 0, i = 0; y < box.height; y++) {
    const row = (box.top + y) * width + box.left;
    for (let x = 0; x < box.width; x++, i++) if (distance[i]! <= radius) data[row + x] = 1;
  }
  return { width, height, data };
}

/** Every pixel of the mask farther than `radius` from all pixels outside it; the picture's rim is not outside. */
export function erode(mask: Mask, radius: number): Mask {
  return invert(dilate(invert(mask), radius));
}

/**
 * The pixels outside the mask at most `radius` from it: D-Edit's soft region around the active one
 * (arXiv 2403.04880 and its code: frozen for the first strength·N sampling steps, then generated).
 */
export function outerEdgeBand(mask: Mask, radius: number): Mask {
  return subtract(dilate(mask, radius), mask);
}

/** Connected pieces (8 neighbours): `pieces[i]` is 0 outside the mask, else 1 …; `areas[k]` counts piece k. */
export function connectedPieces(mask: Mask): { pieces: Int32Array; areas: number[] } {
  const { width, height, data } = mask;
  const pieces = new Int32Array(data.length);
  const areas = [0];
  const stack: number[] = [];
  for (let start = 0; start < data.length; start++) {
    if (!data[start] || pieces[start]) continue;
    const piece = areas.length;
    pieces[start] = piece;
    stack.push(start);
    let area = 0;
    while (stack.length > 0) {
      const i = stack.pop()!;
      area++;
      const x = i % width;
      const y = (i - x) / width;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const j = ny * width + nx;
          if (!data[j] || pieces[j]) continue;
          pieces[j] = piece;
          stack.push(j);
        }
      }
    }
    areas.push(area);
  }
  return { pieces, areas };
}
