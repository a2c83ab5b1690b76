import { describe, expect, it } from 'vitest';
import { cropBox, pasteBack } from '../../../src/engine/compositing/region.js';
import { cropRaster, resizeRaster } from '../../../src/engine/compositing/resize.js';
import { drawStrip } from '../../../src/engine/compositing/strip.js';
import { distanceTo } from '../../../src/engine/masks/distance.js';
import { boundsOf, emptyMask } from '../../../src/engine/masks/mask.js';
import { outerEdgeBand } from '../../../src/engine/masks/morphology.js';
import type { Mask, Raster } from '../../../src/engine/raster.js';
import { randomNumbers } from '../masks/random.js';

function rectangle(width: number, height: number, left: number, top: number, w: number, h: number): Mask {
  const mask = emptyMask(width, height);
  for (let y = top; y < top + h; y++) mask.data.fill(1, y * width + left, y * width + left + w);
  return mask;
}

function noise(next: () => number, width: number, height: number): Raster {
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, () => Math.floor(next() * 256)),
  };
}

describe('cropBox', () => {
  it('holds the region, lies inside the picture, keeps its share and its shape', () => {
    const next = randomNumbers(11);
    for (let round = 0; round < 300; round++) {
      const width = 16 + Math.floor(next() * 300);
      const height = 16 + Math.floor(next() * 300);
      const w = 1 + Math.floor(next() * width);
      const h = 1 + Math.floor(next() * height);
      const region = rectangle(
        width,
        height,
        Math.floor(next() * (width - w + 1)),
        Math.floor(next() * (height - h + 1)),
        w,
        h,
      );
      const box = cropBox(region, region);
      const bounds = boundsOf(region)!;
      expect(box.left).toBeGreaterThanOrEqual(0);
      expect(box.top).toBeGreaterThanOrEqual(0);
      expect(box.left + box.width).toBeLessThanOrEqual(width);
      expect(box.top + box.height).toBeLessThanOrEqual(height);
      expect(box.left).toBeLessThanOrEqual(bounds.left);
      expect(box.top).toBeLessThanOrEqual(bounds.top);
      expect(box.left + box.width).toBeGreaterThanOrEqual(bounds.left + bounds.width);
      expect(box.top + box.height).toBeGreaterThanOrEqual(bounds.top + bounds.height);
      expect(box.width).toBeGreaterThanOrEqual(Math.floor(width * 0.3));
      expect(box.height).toBeGreaterThanOrEqual(Math.floor(height * 0.3));
      if (box.width < width) expect(box.height / box.width).toBeLessThanOrEqual(1.51 + 2 / box.width);
      if (box.height < height) expect(box.width / box.height).toBeLessThanOrEqual(1.51 + 2 / box.height);
    }
  });

  it('gives context, and refuses an empty region', () => {
    const box = cropBox(rectangle(1000, 1000, 300, 400, 400, 400), { width: 1000, height: 1000 });
    expect(box).toEqual({ left: 200, top: 300, width: 600, height: 600 });
    expect(() => cropBox(emptyMask(9, 9), { width: 9, height: 9 })).toThrow(/is empty/);
  });
});

describe('pasteBack', () => {
  it('keeps the original outside, the edit inside, and fades between', () => {
    const next = randomNumbers(12);
    for (let round = 0; round < 20; round++) {
      const original = noise(next, 90, 70);
      const active = rectangle(90, 70, 10 + round * 2, 15, 20, 25);
      const soft = outerEdgeBand(active, 1 + next() * 9);
      const box = cropBox(active, original);
      const edited = noise(next, box.width, box.height);
      const pasted = pasteBack(original, edited, box, active, soft);
      const depth = distanceTo(active);
      for (let y = 0; y < 70; y++) {
        for (let x = 0; x < 90; x++) {
          const i = y * 90 + x;
          const edit = [0, 1, 2].map((c) => edited.data[((y - box.top) * box.width + x - box.left) * 3 + c]);
          for (let c = 0; c < 3; c++) {
            const value = pasted.data[i * 3 + c]!;
            const before = original.data[i * 3 + c]!;
            if (active.data[i]) expect(value).toBe(edit[c]);
            else if (!soft.data[i]) expect(value).toBe(before);
            else {
              expect(depth[i]).toBeGreaterThan(0);
              expect(value).toBeGreaterThanOrEqual(Math.min(before, edit[c] ?? before));
              expect(value).toBeLessThanOrEqual(Math.max(before, edit[c] ?? before));
            }
          }
        }
      }
    }
  });

  it('the fade falls steadily from the active region outwards', () => {
    const original = { width: 40, height: 16, data: new Uint8Array(40 * 16 * 3) };
    const edited = { width: 40, height: 16, data: new Uint8Array(40 * 16 * 3).fill(255) };
    const active = rectangle(40, 16, 0, 0, 10, 16);
    const soft = rectangle(40, 16, 10, 0, 9, 16);
    const { data } = pasteBack(original, edited, { left: 0, top: 0, width: 40, height: 16 }, active, soft);
    const row = Array.from({ length: 21 }, (_, x) => data[(8 * 40 + x) * 3]!);
    expect(row.slice(0, 10)).toEqual(Array(10).fill(255));
    expect(row.slice(19)).toEqual([0, 0]);
    for (let x = 10; x < 19; x++) expect(Math.abs(row[x]! - (255 * (19 - x)) / 10)).toBeLessThan(0.51);
  });

  it('an edit of the whole picture, without any outside, is the edit', () => {
    const next = randomNumbers(13);
    const original = noise(next, 20, 20);
    const edited = noise(next, 20, 20);
    const all = rectangle(20, 20, 0, 0, 20, 20);
    const box = { left: 0, top: 0, width: 20, height: 20 };
    expect([...pasteBack(original, edited, box, all, emptyMask(20, 20)).data]).toEqual([...edited.data]);
  });

  it('soft pixels that the box cuts off stay as they were', () => {
    const original = { width: 30, height: 20, data: new Uint8Array(1800) };
    const box = { left: 5, top: 0, width: 10, height: 20 };
    const edited = { width: 10, height: 20, data: new Uint8Array(600).fill(200) };
    const active = rectangle(30, 20, 6, 0, 4, 20);
    const pasted = pasteBack(original, edited, box, active, outerEdgeBand(active, 20));
    for (let x = 0; x < 30; x++) {
      const value = pasted.data[(10 * 30 + x) * 3]!;
      if (x < 5 || x >= 15) expect(value).toBe(0);
      else expect(value).toBeGreaterThan(0);
    }
  });
});

describe('resize, crop, strip', () => {
  it('crops the very pixels and refuses boxes outside', () => {
    const picture = noise(randomNumbers(14), 9, 7);
    const part = cropRaster(picture, { left: 2, top: 3, width: 4, height: 2 });
    expect([...part.data.subarray(0, 12)]).toEqual([
      ...picture.data.subarray((3 * 9 + 2) * 3, (3 * 9 + 6) * 3),
    ]);
    expect(() => cropRaster(picture, { left: 6, top: 0, width: 4, height: 1 })).toThrow(RangeError);
  });

  it('resizes a flat picture to a flat picture', async () => {
    const flat = { width: 40, height: 30, data: new Uint8Array(3600).fill(77) };
    const small = await resizeRaster(flat, 17, 90);
    expect([small.width, small.height, small.data.length]).toEqual([17, 90, 17 * 90 * 3]);
    expect(new Set(small.data)).toEqual(new Set([77]));
  });

  it('puts before and after side by side', async () => {
    const before = { width: 30, height: 20, data: new Uint8Array(1800).fill(10) };
    const after = { width: 30, height: 20, data: new Uint8Array(1800).fill(90) };
    const strip = await drawStrip([before, after]);
    expect([strip.width, strip.height]).toEqual([62, 20]);
    expect([strip.data[0], strip.data[30 * 3], strip.data[32 * 3]]).toEqual([10, 255, 90]);
    const scaled = await drawStrip([before, { width: 60, height: 40, data: new Uint8Array(7200).fill(90) }]);
    expect([scaled.width, scaled.height]).toEqual([62, 20]);
  });
});
