import { describe, expect, it } from 'vitest';
import { carry, lay } from '../../../src/engine/draft/carry.js';
import { coverOf } from '../../../src/engine/draft/cutout.js';
import { matte } from '../../../src/engine/draft/matte.js';
import { areaOf, centroidOf } from '../../../src/engine/masks/mask.js';
import { disc, maskWhere, paint } from './scenes.js';

const [width, height] = [120, 100];
const ground = [40, 120, 60] as const;
/** A disc with an edge two pixels soft on a green ground, and what its alpha truly is. */
const truly = (x: number, y: number): number =>
  Math.min(1, Math.max(0, 0.5 + (20 - Math.hypot(x - 40, y - 50)) / 2));
const picture = paint(width, height, (x, y) => {
  const a = truly(x, y);
  return [0, 1, 2].map((c) =>
    Math.round(a * [220, 60 + (x % 9) * 4, 40][c]! + (1 - a) * ground[c]!),
  ) as never;
});
const item = maskWhere(width, height, disc(40, 50, 20));

describe('a ball cut out of planks', () => {
  const ball = maskWhere(width, height, disc(60, 50, 25));
  const isJoint = (y: number): boolean => y % 14 < 3;
  const planks = paint(width, height, (x, y) => {
    if (disc(60, 50, 25)(x, y)) return [40, 60, 120];
    return isJoint(y) ? [112, 70, 40] : [172, 116, 72];
  });
  const { box, alpha } = matte(planks, ball);

  it('takes no joint along, and leaves none of itself there', () => {
    let [error, pixels] = [0, 0];
    for (let i = 0; i < alpha.length; i++) {
      const [x, y] = [box.left + (i % box.width), box.top + Math.floor(i / box.width)];
      const far = Math.abs(Math.hypot(x - 60, y - 50) - 25);
      // at the outline itself alpha is a ramp
      if (!isJoint(y) || far < 1 || far > 2.5) continue;
      error += Math.abs(alpha[i]! / 255 - ball.data[y * width + x]!);
      pixels++;
    }
    expect(error / pixels).toBeLessThan(0.06);
  });
});

describe('a cut-out item', () => {
  const cutout = matte(picture, item);

  it('has the edge that the picture shows, within a tenth', () => {
    const { box, alpha } = cutout;
    for (let y = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++) {
        const expected = truly(box.left + x, box.top + y);
        expect(Math.abs(alpha[y * box.width + x]! / 255 - expected)).toBeLessThan(0.12);
      }
    }
  });

  it('carries no rim of its old ground', () => {
    const { alpha, foreground } = cutout;
    for (let i = 0; i < alpha.length; i++) {
      if (alpha[i]! > 60) expect(foreground.data[i * 3]).toBeGreaterThan(195);
    }
  });

  it('keeps every byte of its core when it is moved', async () => {
    const moved = await carry(cutout, { dx: 31, dy: -12 });
    const out = lay(
      paint(width, height, () => [10, 10, 10]),
      [moved],
    );
    const core = maskWhere(width, height, disc(40, 50, 16));
    for (let i = 0; i < core.data.length; i++) {
      if (!core.data[i]) continue;
      const to = (i + 31 - 12 * width) * 3;
      expect([...out.data.subarray(to, to + 3)]).toEqual([...picture.data.subarray(i * 3, i * 3 + 3)]);
    }
  });

  it('leaves the ground and the picture it came from as they are, as sharp decodes them', async () => {
    const decoded = { ...picture, data: Buffer.from(picture.data) };
    lay(decoded, [await carry(matte(decoded, item), { dx: 9 })]);
    expect(Buffer.compare(decoded.data, picture.data)).toBe(0);
  });

  it('is resized, rotated and mirrored about its middle', async () => {
    const half = coverOf(await carry(cutout, { scale: 0.5 }), picture);
    expect(areaOf(half) / areaOf(item)).toBeCloseTo(0.25, 1);
    for (const placement of [{ scale: 0.5 }, { rotate: 30 }, { flip: true }]) {
      const centre = centroidOf(coverOf(await carry(cutout, placement), picture))!;
      expect(Math.hypot(centre.x - 40, centre.y - 50)).toBeLessThan(1);
    }
  });

  it('is cut off at the rim of the picture', async () => {
    const out = lay(picture, [await carry(cutout, { dx: 75, dy: 45 })]);
    expect(out.data.length).toBe(picture.data.length);
  });

  it('says what is wrong with impossible sizes', async () => {
    await expect(carry(cutout, { scale: 0.001 })).rejects.toThrow(/larger size/);
    await expect(carry(cutout, { scale: 1e4 })).rejects.toThrow(/smaller size/);
    expect(() => matte(picture, { ...item, data: new Uint8Array(width * height) })).toThrow(/nothing/);
  });
});
