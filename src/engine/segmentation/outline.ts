import type { Mask } from '../raster.js';
import type { LabPicture } from './lab.js';

/** A colour step that people see as an edge, in CIELAB units. */
const EDGE = 8;
/** How far to either side of the outline the colours are compared, in working pixels. */
const REACH = 2;

/**
 * The share of a mask's outline, where it borders on `ground`, that is a visible edge: near 1 for an object on a
 * ground, small where a threshold merely cut a gradient or a texture in two.
 */
export function outlineClarity(mask: Mask, ground: Mask, picture: LabPicture): number {
  const { width, height } = mask;
  let length = 0;
  let clear = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!mask.data[y * width + x]) continue;
      for (const [dx, dy] of SIDES) {
        const nx = x + dx;
        const ny = y + dy;
        if (nx < 0 || ny < 0 || nx >= width || ny >= height || !ground.data[ny * width + nx]) continue;
        length++;
        const inside = clamped(x - (REACH - 1) * dx, y - (REACH - 1) * dy, width, height);
        const outside = clamped(nx + (REACH - 1) * dx, ny + (REACH - 1) * dy, width, height);
        if (difference(picture.data, inside, outside) >= EDGE) clear++;
      }
    }
  }
  return length === 0 ? 1 : clear / length;
}

const SIDES = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

function clamped(x: number, y: number, width: number, height: number): number {
  return Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x));
}

function difference(lab: Float32Array, i: number, j: number): number {
  return Math.hypot(
    lab[i * 3]! - lab[j * 3]!,
    lab[i * 3 + 1]! - lab[j * 3 + 1]!,
    lab[i * 3 + 2]! - lab[j * 3 + 2]!,
  );
}
