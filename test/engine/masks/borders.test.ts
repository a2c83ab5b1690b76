import { expect, it } from 'vitest';
import { borderOf, smoothBorders } from '../../../src/engine/masks/borders.js';
import { labelsOf, rowsOf } from './random.js';

it('borders lie on both sides of the line between items', () => {
  expect(rowsOf(borderOf(labelsOf('0001', '0001', '0000')))).toEqual(['0011', '0011', '0001']);
});

it('smoothing drops lone pixels and teeth, and leaves straight lines and areas', () => {
  const ragged = labelsOf('00000', '00200', '00000', '11011', '11111', '11111');
  expect(rowsOf(smoothBorders(ragged, 1))).toEqual(['00000', '00000', '00000', '11111', '11111', '11111']);
  const straight = labelsOf('0011', '0011', '0011');
  expect(smoothBorders(straight, 1)).toEqual(straight);
});
