import type { Mask, Raster } from '../../../src/engine/raster.js';

export function paint(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => readonly [number, number, number],
): Raster {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set(colourAt(x, y), (y * width + x) * 3);
  }
  return { width, height, data };
}

export function maskWhere(width: number, height: number, inside: (x: number, y: number) => boolean): Mask {
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    Number(inside(i % width, Math.floor(i / width))),
  );
  return { width, height, data };
}

export const disc =
  (cx: number, cy: number, radius: number) =>
  (x: number, y: number): boolean =>
    (x - cx) ** 2 + (y - cy) ** 2 <= radius * radius;

/** The mean absolute difference of two pictures over a mask, of 255. */
export function difference(a: Raster, b: Raster, over: Mask): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < over.data.length; i++) {
    if (!over.data[i]) continue;
    for (let c = 0; c < 3; c++) sum += Math.abs(a.data[i * 3 + c]! - b.data[i * 3 + c]!);
    count += 3;
  }
  return sum / count;
}

/** The mean step of the first colour between neighbours sideways that both lie in the mask. */
export function texture({ data }: Raster, inside: Mask): number {
  let [sum, count] = [0, 0];
  for (let i = 0; i + 1 < inside.data.length; i++) {
    if (!inside.data[i] || !inside.data[i + 1]) continue;
    sum += Math.abs(data[i * 3]! - data[i * 3 + 3]!);
    count++;
  }
  return sum / count;
}
