import { describe, expect, it } from 'vitest';
import { matte } from '../../../src/engine/draft/matte.js';
import { disc, maskWhere, paint } from './scenes.js';

const [width, height] = [120, 100];
type Colour = readonly [number, number, number];

const stripes = (x: number, y: number): Colour => [200, (x + y) % 6 < 3 ? 60 : 120, 40];
const speckles = (x: number, y: number): Colour =>
  (x * 7 + y * 13) % 5 < 2 ? [60, 90, 150] : [80, 120, 190];
/** A striped ball's alpha: its edge is two pixels soft. */
const truly = (x: number, y: number): number =>
  Math.min(1, Math.max(0, 0.5 + (25 - Math.hypot(x - 60, y - 50)) / 2));
const over = (a: number, [r, g, b]: Colour, [r2, g2, b2]: Colour): Colour => [
  Math.round(a * r + (1 - a) * r2),
  Math.round(a * g + (1 - a) * g2),
  Math.round(a * b + (1 - a) * b2),
];
const ball = paint(width, height, (x, y) => over(truly(x, y), stripes(x, y), speckles(x, y)));

describe.each([0, 1])('a striped ball on speckles, cut along an outline %i pixels off', (off) => {
  const { box, alpha, foreground } = matte(ball, maskWhere(width, height, disc(60 + off, 50, 25)));
  const edge = Array.from(alpha.keys()).flatMap((i) => {
    const [x, y] = [box.left + (i % box.width), box.top + Math.floor(i / box.width)];
    return Math.abs(Math.hypot(x - 60, y - 50) - 25) < 2 ? [{ i, x, y }] : [];
  });
  const mean = (errors: number[]): number => errors.reduce((sum, error) => sum + error, 0) / errors.length;

  it('has the alpha that its neighbours agree on', () => {
    const errors = edge.map(({ i, x, y }) => Math.abs(alpha[i]! / 255 - truly(x, y)));
    expect(mean(errors)).toBeLessThan(0.015);
  });

  it('looks on a dark ground as if it had been there', () => {
    const dark: Colour = [10, 10, 10];
    const errors = edge.flatMap(({ i, x, y }) => {
      const [r, g, b] = [0, 1, 2].map((c) => foreground.data[i * 3 + c]!);
      const laid = over(alpha[i]! / 255, [r!, g!, b!], dark);
      return over(truly(x, y), stripes(x, y), dark).map((value, c) => Math.abs(value - laid[c]!));
    });
    expect(mean(errors)).toBeLessThan(2.2);
  });
});

describe('a pole too thin to have a sure pixel', () => {
  const isPole = (x: number, y: number): boolean => x >= 60 && x < 63 && y > 10 && y < 90;
  const pole = paint(width, height, (x, y) => (isPole(x, y) ? [200, 90, 40] : speckles(x, y)));

  it('stays whole, and takes nothing along', () => {
    const { box, alpha } = matte(pole, maskWhere(width, height, isPole));
    for (let i = 0; i < alpha.length; i++) {
      const [x, y] = [box.left + (i % box.width), box.top + Math.floor(i / box.width)];
      expect(Math.abs(alpha[i]! - 255 * Number(isPole(x, y)))).toBeLessThan(8);
    }
  });
});
