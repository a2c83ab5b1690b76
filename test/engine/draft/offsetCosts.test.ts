import { describe, expect, it } from 'vitest';
import { complete } from '../../../src/engine/draft/complete.js';
import { finest, placesOf, roughened } from '../../../src/engine/draft/level.js';
import { offsetAt, offsetCosts } from '../../../src/engine/draft/offsetCosts.js';
import { invert } from '../../../src/engine/masks/mask.js';
import { disc, maskWhere, paint } from './scenes.js';

const [width, height] = [180, 140];
const hole = maskWhere(width, height, disc(90, 70, 30));

/** Courses of 10 rows, bricks of 24 columns, every other course half a brick further. */
const wall = paint(width, height, (x, y) => {
  const along = x + (Math.floor(y / 10) % 2) * 12;
  const joint = y % 10 < 2 || along % 24 < 2;
  const shade = (Math.floor(along / 24) * 37 + Math.floor(y / 10) * 59) % 25;
  return joint ? [180, 175, 165] : [130 + shade, 70 + shade, 50 + shade];
});

describe('what offsets cost', () => {
  const ground = finest(wall, hole, invert(hole), { left: 0, top: 0, width, height });
  const costs = offsetCosts(roughened(ground), placesOf(ground));
  const middle = 70 * width + 90;
  const cost = (x: number, y: number): number =>
    costs[offsetAt(width, height, middle, middle + y * width + x)]!;

  it('is least where what repeats stays in step', () => {
    for (const [x, y] of [
      [48, 0],
      [12, 10],
      [-36, 30],
      [0, 40],
    ] as const) {
      for (const [across, down] of [
        [6, 0],
        [0, 5],
        [12, 0],
        [-6, 0],
        [0, -5],
      ] as const) {
        expect(cost(x, y)).toBeLessThan(cost(x + across, y + down));
      }
    }
  });

  it('is the same there and back', () => {
    expect(cost(31, -17)).toBe(cost(-31, 17));
  });

  it('keeps a wall in bond', () => {
    const holed = { ...wall, data: wall.data.map((value, i) => (hole.data[Math.floor(i / 3)] ? 0 : value)) };
    const filled = complete(holed, hole, invert(hole), { threads: 1 });
    const isJoint = (data: Uint8Array, i: number): boolean => data[i * 3 + 2]! > 120;
    let [wrong, all] = [0, 0];
    for (let i = 0; i < hole.data.length; i++) {
      if (!hole.data[i]) continue;
      all++;
      if (isJoint(filled.data, i) !== isJoint(wall.data, i)) wrong++;
    }
    expect(wrong / all).toBeLessThan(0.02);
  });
});
