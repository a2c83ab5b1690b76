/** The pixels along an item's outline, found from the outline alone. */
import type { Box } from '../masks/mask.js';
import type { Mask } from '../raster.js';

export interface EdgeBand {
  /** Indices of the band's pixels. */
  readonly places: Int32Array;
  /** Distance to the outline, positive inside the item; only where `unsure`. */
  readonly depth: Float32Array;
  /** 1 in the band. */
  readonly unsure: Uint8Array;
  readonly radius: number;
}

/** The band's half width for a picture: 2 pixels up to 500, 12 from 3,000 on. */
export function bandOf({ width, height }: { width: number; height: number }): number {
  return Math.round(Math.min(12, Math.max(2, Math.max(width, height) * 0.004)));
}

/** The pixels at most `radius` from the outline's part inside the box; the picture's rim is no outline. */
export function edgeBand({ width, height, data }: Mask, box: Box, radius: number): EdgeBand {
  const unsure = new Uint8Array(data.length);
  const depth = new Float32Array(data.length).fill(Number.POSITIVE_INFINITY);
  const places: number[] = [];
  const { dx, dy, length } = discOf(radius);
  const bottom = box.top + box.height;
  const right = box.left + box.width;
  for (let y = box.top; y < bottom; y++) {
    for (let x = box.left; x < right; x++) {
      const i = y * width + x;
      const outline =
        (x + 1 < width && data[i] !== data[i + 1]) || (y + 1 < height && data[i] !== data[i + width]);
      if (!outline) continue;
      for (let k = 0; k < length.length; k++) {
        const nx = x + dx[k]!;
        const ny = y + dy[k]!;
        if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
        const j = ny * width + nx;
        if (!unsure[j]) places.push(j);
        unsure[j] = 1;
        if (length[k]! < depth[j]!) depth[j] = length[k]!;
      }
    }
  }
  for (const p of places) if (!data[p]) depth[p] = -depth[p]!;
  return { places: Int32Array.from(places), depth, unsure, radius };
}

/** Steps at most `radius` long, with their lengths: a typed array each, since they are asked for all along the outline. */
function discOf(radius: number): { dx: Int32Array; dy: Int32Array; length: Float32Array } {
  const reach = Math.ceil(radius);
  const disc: [number, number, number][] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    for (let dx = -reach; dx <= reach; dx++) {
      const d = Math.hypot(dx, dy);
      if (d <= radius) disc.push([dx, dy, d]);
    }
  }
  return {
    dx: Int32Array.from(disc, ([dx]) => dx),
    dy: Int32Array.from(disc, ([, dy]) => dy),
    length: Float32Array.from(disc, ([, , d]) => d),
  };
}
