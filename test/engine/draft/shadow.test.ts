import { describe, expect, it } from 'vitest';
import { withClinging } from '../../../src/engine/draft/clinging.js';
import { complete } from '../../../src/engine/draft/complete.js';
import { fringeAndShadow } from '../../../src/engine/draft/shadow.js';
import { areaOf, invert, subtract } from '../../../src/engine/masks/mask.js';
import type { Mask, Raster } from '../../../src/engine/raster.js';
import { difference, disc, maskWhere, paint } from './scenes.js';

const [width, height] = [240, 160];
type Colour = readonly [number, number, number];
const boards = (x: number, y: number): Colour =>
  y % 20 < 2 ? [70, 50, 40] : [180 + ((x * 7) % 5), 140, 100];
const ball = disc(110, 70, 26);
const item = maskWhere(width, height, ball);
/** A soft shadow below the ball and to its right. */
const dark = (x: number, y: number): number =>
  0.55 * Math.min(1, Math.max(0, 1.4 - Math.hypot((x - 122) / 34, (y - 94) / 14)));
const withItem = (ground: (x: number, y: number) => Colour): Raster =>
  paint(width, height, (x, y) => (ball(x, y) ? [200, 40, 40] : ground(x, y)));

function removed(picture: Raster, ground: Mask): { hole: Mask; filled: Raster } {
  const hole = fringeAndShadow(picture, item, ground);
  return { hole, filled: complete(picture, hole, subtract(ground, hole)) };
}

describe('the hole that a removed item leaves', () => {
  it('takes a soft contact shadow along', () => {
    const picture = withItem((x, y) => boards(x, y).map((v) => Math.round(v * (1 - dark(x, y)))) as never);
    const { hole, filled } = removed(picture, invert(item));
    const shade = subtract(
      maskWhere(width, height, (x, y) => dark(x, y) > 0.02),
      item,
    );
    expect(areaOf(subtract(shade, hole))).toBeLessThan(0.08 * areaOf(shade));
    expect(difference(filled, paint(width, height, boards), shade)).toBeLessThan(6);
  });

  it('tells a shadow from ground around the item that is darker by itself', () => {
    const dim = (x: number, y: number) =>
      0.08 * Math.min(1, Math.max(0, 5 - Math.hypot(x - 110, y - 70) / 15));
    const light = (x: number, y: number) => (1 - dim(x, y)) * (1 - dark(x, y));
    const picture = withItem((x, y) => [180, 140, 100].map((v) => Math.round(v * light(x, y))) as never);
    const { hole } = removed(picture, invert(item));
    const deep = subtract(
      maskWhere(width, height, (x, y) => dark(x, y) > 0.1),
      item,
    );
    expect(areaOf(subtract(deep, hole))).toBeLessThan(0.08 * areaOf(deep));
  });

  it('is little more than the item when it throws none', () => {
    const { hole } = removed(withItem(boards), invert(item));
    expect(areaOf(hole)).toBeLessThan(1.25 * areaOf(item));
    expect(areaOf(subtract(item, hole))).toBe(0);
  });

  it('does not take another dark thing beside the item for a shadow', () => {
    const picture = withItem((x, y) =>
      x > 130 && x < 190 && y > 60 && y < 110 ? [60, 48, 36] : boards(x, y),
    );
    expect(areaOf(removed(picture, invert(item)).hole)).toBeLessThan(1.25 * areaOf(item));
  });

  it('never reaches over what is not ground', () => {
    const ground = maskWhere(width, height, (x, y) => !ball(x, y) && x < 124);
    const picture = withItem((x, y) => boards(x, y).map((v) => Math.round(v * (1 - dark(x, y)))) as never);
    const { hole } = removed(picture, ground);
    const beyond = maskWhere(width, height, (x, y) => x > 124 + 4 && Math.hypot(x - 110, y - 70) > 26 + 4);
    expect(areaOf(subtract(hole, invert(beyond)))).toBe(0);
  });
});

describe('what an outline missed', () => {
  const picture = withItem(boards);

  it('goes with the item', () => {
    const outlined = maskWhere(width, height, disc(109, 71, 22));
    const whole = withClinging(picture, outlined, invert(outlined));
    expect(areaOf(subtract(item, outlined))).toBeGreaterThan(500);
    expect(areaOf(subtract(item, whole))).toBeLessThan(30);
    expect(areaOf(subtract(whole, item))).toBe(0);
  });

  it('is nothing where the outline is right, nor another thing of its colour farther off', () => {
    const two = paint(width, height, (x, y) =>
      x > 132 && x < 190 && y > 40 && y < 100 && !ball(x, y) ? [200, 40, 40] : at(picture, x, y),
    );
    for (const one of [picture, two]) expect(withClinging(one, item, invert(item)).data).toEqual(item.data);
  });

  it('stays where it is no ground', () => {
    const outlined = maskWhere(width, height, disc(110, 70, 22));
    const ground = maskWhere(width, height, (x, y) => x < 110 && !outlined.data[y * width + x]);
    const whole = withClinging(picture, outlined, ground);
    expect(areaOf(subtract(subtract(whole, outlined), ground))).toBe(0);
  });
});

const at = ({ data }: Raster, x: number, y: number): Colour =>
  [0, 1, 2].map((c) => data[(y * width + x) * 3 + c]!) as unknown as Colour;
