import { expect, it } from 'vitest';
import { borderOf, smoothBorders, within } from '../../../src/engine/masks/borders.js';
import { labelsOf, randomLabels, randomNumbers, rowsOf } from './random.js';

it('borders lie on both sides of the line between items', () => {
  expect(rowsOf(borderOf(labelsOf('0001', '0001', '0000')))).toEqual(['0011', '0011', '0001']);
});

it('smoothing drops lone pixels and teeth, and leaves straight lines and areas', () => {
  const ragged = labelsOf('00000', '00200', '00000', '11011', '11111', '11111');
  expect(rowsOf(smoothBorders(ragged, 1))).toEqual(['00000', '00000', '00000', '11111', '11111', '11111']);
  const straight = labelsOf('0011', '0011', '0011');
  expect(smoothBorders(straight, 1)).toEqual(straight);
});

it('smoothing counts the square around each pixel; of equals it is the label that has so many first', () => {
  const next = randomNumbers(7);
  for (let round = 0; round < 60; round++) {
    const [width, height] = [1 + Math.floor(next() * 20), 1 + Math.floor(next() * 20)];
    const labels = randomLabels(next, width, height, 2 + Math.floor(next() * 3));
    const radius = 1 + Math.floor(next() * 3);
    const near = within(borderOf(labels), radius).data;
    const counted = labels.data.map((own, i) => {
      if (!near[i]) return own;
      const counts = new Map<number, number>();
      let best = own;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          if (Math.max(Math.abs(x - (i % width)), Math.abs(y - Math.floor(i / width))) > radius) continue;
          const label = labels.data[y * width + x]!;
          counts.set(label, (counts.get(label) ?? 0) + 1);
          if (counts.get(label)! > (counts.get(best) ?? 0)) best = label;
        }
      }
      return best;
    });
    expect(smoothBorders(labels, radius).data).toEqual(counted);
  }
});
