import { describe, expect, it } from 'vitest';
import type { Pipeline } from '../../../src/engine/diffusion/pipeline.js';
import { editBox } from '../../../src/engine/editing/frame.js';
import { emptyMask } from '../../../src/engine/masks/mask.js';
import type { Mask, Raster } from '../../../src/engine/raster.js';

const pocket = { nativeSide: 128, factor: 8 } as Pipeline;
const sd15 = { nativeSide: 512, factor: 8 } as Pipeline;

const picture = (side: number): Raster => ({ width: side, height: side, data: new Uint8Array() });

function square(of: number, side: number): Mask {
  const mask = emptyMask(of, of);
  const start = (of - side) / 2;
  for (let y = start; y < start + side; y++) mask.data.fill(1, y * of + start, y * of + start + side);
  return mask;
}

describe('what the model sees of a change', () => {
  it('is twice its size where the model has cells enough', () => {
    expect(editBox(sd15, picture(1000), square(1000, 300)).width).toBe(600);
  });

  it('is less than that for a model of few cells: the change takes at least twelve of them', () => {
    const { width } = editBox(pocket, picture(128), square(128, 60));
    expect(width).toBe(80);
    expect((60 / width) * 16).toBeGreaterThanOrEqual(12);
  });

  it('is enlarged by two at most', () => {
    expect(editBox(pocket, picture(128), square(128, 20)).width).toBe(64);
    expect(editBox(sd15, picture(2000), square(2000, 20)).width).toBe(256);
  });
});
