import { expect, test } from 'vitest';
import { solveBlockMembrane } from '../../../src/engine/draft/blockMembrane.js';
import { solveMembrane } from '../../../src/engine/draft/membrane.js';

/** A disc of stripes of different heights: what is pushed at their seams and at the rim is what makes them so high. */
function striped(side: number, block: number) {
  const inside = new Uint8Array(side * side);
  const heights = new Float32Array(side * side);
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) {
      inside[i] = Number((x - side / 2) ** 2 + 1.3 * (y - side / 2) ** 2 < (0.42 * side) ** 2);
      const shift = block * (Math.floor(y / block) % 3);
      heights[i] = inside[i]! * 15 * Math.sin(7 * Math.floor((x + shift) / (8 * block)));
    }
  }
  const push = new Float32Array(inside.length * 3);
  const bend = (p: number, q: number): void => {
    for (let c = 0; c < 3; c++) {
      push[q * 3 + c]! += heights[q]! - heights[p]!;
      push[p * 3 + c]! -= heights[q]! - heights[p]!;
    }
  };
  for (let i = 0; i < inside.length - side; i++) {
    bend(i, i + 1);
    bend(i, i + side);
  }
  return { inside, heights, push };
}

const meanError = (surface: Float32Array, { inside, heights }: ReturnType<typeof striped>): number => {
  let [sum, count] = [0, 0];
  for (let i = 0; i < inside.length; i++) {
    if (!inside[i]) continue;
    sum += Math.abs(surface[i * 3]! - heights[i]!);
    count++;
  }
  return sum / count;
};

test.each([
  [2, 400],
  [8, 400],
  [8, 1300], // whose half is found from its half
])('a surface whose seams lie between blocks of %i is found from half its size, %i', (block, side) => {
  const region = striped(side, block);
  const found = solveBlockMembrane(region.inside, region.push, side, side, block);
  const whole = solveMembrane(region.inside, region.push, side, side);
  expect(meanError(found, region)).toBeLessThan(1);
  expect(meanError(found, region)).toBeLessThan(meanError(whole, region));
});
