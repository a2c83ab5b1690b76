import { describe, expect, it } from 'vitest';
import { maskToGrid, toGrid } from '../../../src/engine/masks/grid.js';
import { areasOf } from '../../../src/engine/masks/labelMap.js';
import { maskOf } from '../../../src/engine/masks/mask.js';
import { labelsOf, randomLabels, randomMask, randomNumbers, rowsOf } from './random.js';

describe('grids', () => {
  it('votes by area in cells of a fractional size', () => {
    // Three pixels on two cells: the middle one is shared half and half.
    expect(rowsOf(toGrid(labelsOf('012'), 2, 1))).toEqual(['02']);
    expect(rowsOf(toGrid(labelsOf('0111'), 2, 1))).toEqual(['11']); // a tie goes to the item
    expect(rowsOf(toGrid(labelsOf('01', '23'), 4, 4))).toEqual(['0011', '0011', '2233', '2233']);
  });

  it('fractions of all items sum to one, and weighted fractions to the area', () => {
    const next = randomNumbers(7);
    for (const [width, height, gridWidth, gridHeight] of [
      [37, 23, 8, 5],
      [16, 16, 16, 16],
      [5, 9, 7, 3],
    ] as const) {
      const labels = randomLabels(next, width, height, 3);
      const parts = [0, 1, 2].map((item) => maskToGrid(maskOf(labels, item), gridWidth, gridHeight));
      for (let cell = 0; cell < gridWidth * gridHeight; cell++) {
        expect(parts.reduce((sum, part) => sum + part[cell]!, 0)).toBeCloseTo(1, 5);
      }
      parts.forEach((part, item) => {
        const cellArea = (width * height) / (gridWidth * gridHeight);
        expect(part.reduce((sum, share) => sum + share, 0) * cellArea).toBeCloseTo(areasOf(labels)[item]!, 3);
      });
    }
  });

  it('the majority is the largest fraction', () => {
    const next = randomNumbers(8);
    const mask = randomMask(next, 33, 21, 0.5);
    const grid = toGrid(mask, 6, 5);
    maskToGrid(mask, 6, 5).forEach((share, cell) => {
      expect(grid.data[cell]).toBe(share >= 0.5 - 1e-6 ? 1 : 0);
    });
  });
});
