import { expect, test } from 'vitest';
import { blockMembrane } from '../../../src/engine/draft/blockMembrane.js';
import { solveMembrane } from '../../../src/engine/draft/membrane.js';
import { Steps } from '../../../src/engine/draft/steps.js';

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
  const steps = new Steps();
  const bend = (p: number, q: number): void => {
    const step = heights[q]! - heights[p]!;
    if (step !== 0) steps.add(p, q, step, step, step);
  };
  for (let i = 0; i < inside.length - side; i++) {
    bend(i, i + 1);
    bend(i, i + side);
  }
  return { inside, heights, steps };
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
  const found = blockMembrane(region.inside, region.steps, side, side, block)(0, side);
  const push = new Float32Array(side * side * 3);
  region.steps.pushInto(push);
  const whole = solveMembrane(region.inside, push, side, side);
  expect(meanError(found, region)).toBeLessThan(1);
  expect(meanError(found, region)).toBeLessThan(meanError(whole, region));
});

test('a surface is the same found some rows at a time', () => {
  const side = 400;
  const { inside, steps } = striped(side, 8);
  const rows = blockMembrane(inside, steps, side, side, 8);
  const whole = rows(0, side).slice();
  let largest = 0;
  for (let top = 0; top < side; top += 64) {
    const part = rows(top, Math.min(top + 64, side));
    for (let i = 0; i < part.length; i++) {
      largest = Math.max(largest, Math.abs(part[i]! - whole[top * side * 3 + i]!));
    }
  }
  expect(largest).toBeLessThan(0.05);
});
