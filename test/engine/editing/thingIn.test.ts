/** What of a drawing is the thing: where it has the ground's colours too, and where the ground is seen through it. */
import { describe, expect, it } from 'vitest';
import { thingIn } from '../../../src/engine/editing/thingIn.js';
import { areaOf, intersect, subtract } from '../../../src/engine/masks/mask.js';
import type { LabelMap, Mask } from '../../../src/engine/raster.js';
import { disc, maskWhere, paint } from '../draft/scenes.js';

const [width, height] = [128, 128];
type Colour = readonly [number, number, number];
const JOINT: Colour = [112, 70, 40];
/** Hardly darker than planks. */
const SEAM: Colour = [150, 98, 58];
const grain = (x: number, y: number): number => ((x * 7 + y * 13) % 5) - 2;
/** Wood with a dark joint every 18 pixels, from `from` on. */
const planks =
  (from = 3) =>
  (x: number, y: number): Colour => {
    const g = grain(x, y);
    return (y + from) % 18 < 2 ? JOINT : [172 + g, 116 + g, 72 + g];
  };
const ground = paint(width, height, planks());
const ball = maskWhere(width, height, disc(64, 70, 30));
const place = maskWhere(width, height, disc(64, 70, 36));
const labels: LabelMap = { width, height, data: Uint8Array.from(place.data) };

const isSeam = (x: number, y: number): boolean =>
  Math.abs(Math.hypot(x - 20, y - 70) - 40) < 3.5 ||
  Math.abs(Math.hypot(x - 108, y - 70) - 40) < 3.5 ||
  Math.abs(y - 70) < 3;
/** A ball of this colour with seams of nearly the planks'; the planks around it are drawn one row off. */
const balled = (colour: Colour) =>
  paint(width, height, (x, y) => {
    if (!disc(64, 70, 30)(x, y)) return planks(4)(x, y);
    const g = grain(x, y);
    return isSeam(x, y) ? SEAM : [colour[0] + g, colour[1] + g, colour[2] + g];
  });

const share = (of: Mask, whole: Mask): number => areaOf(intersect(of, whole)) / areaOf(whole);

describe('a ball on planks', () => {
  it.each([
    ['orange', [240, 130, 40]],
    ['hardly lighter than the planks', [212, 140, 84]],
    ['white', [245, 245, 245]],
  ] as [string, Colour][])('%s: its seams are not taken for planks', async (_, colour) => {
    for (const known of [ground, undefined]) {
      const thing = await thingIn(balled(colour), labels, place, known);
      expect(share(thing, ball)).toBeGreaterThan(0.97);
      expect(areaOf(subtract(thing, ball)) / areaOf(ball)).toBeLessThan(0.1);
    }
  });
});

describe('a ring on planks', () => {
  const hole = maskWhere(width, height, disc(64, 70, 14));
  const ring = (inside: (x: number, y: number) => Colour) =>
    paint(width, height, (x, y) => {
      if (!disc(64, 70, 30)(x, y)) return planks()(x, y);
      return disc(64, 70, 14)(x, y) ? inside(x, y) : [240, 130 + grain(x, y), 40];
    });

  it('shows the ground through it', async () => {
    expect(share(await thingIn(ring(planks(4)), labels, place, ground), hole)).toBeLessThan(0.1);
  });

  it('is filled where that is no ground', async () => {
    const dark = ring(() => JOINT);
    expect(share(await thingIn(dark, labels, place, ground), hole)).toBeGreaterThan(0.97);
  });
});
