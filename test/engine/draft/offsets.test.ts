import { expect, it } from 'vitest';
import { offsetsOf } from '../../../src/engine/draft/offsets.js';

it('a pixel of the searched size stands for a power of two, however many odd columns halving has dropped', () => {
  const ground = (side: number) => ({
    ...{ width: side, height: side, colour: new Uint8Array(side * side * 3) },
    ...{ hole: new Uint8Array(side * side), source: new Uint8Array(side * side), rough: new Float32Array(0) },
  });
  const [full, searched] = [ground(63), ground(7)]; // 63, 31, 15, 7
  full.hole[30 * 63 + 30] = 1;
  const { block } = offsetsOf(full, searched, new Int32Array(7 * 7));
  expect(block).toBe(8);
});
