import { describe, expect, it } from 'vitest';
import type { Mask, Raster } from '../../../src/engine/raster.js';
import { fineCut } from '../../../src/engine/segmentation/regions/candidates.js';
import { pick } from '../../../src/engine/segmentation/select/pick.js';
import { minimumCut } from '../../../src/engine/segmentation/select/minimumCut.js';
import { randomNumbers } from '../masks/random.js';

const [WIDTH, HEIGHT] = [320, 240];
const next = randomNumbers(5);
const inDisc = (x: number, y: number): boolean => Math.hypot(x - 200, y - 110) < 60;

/** A disc in two colours on a noisy ground, with another thing beside it. */
const data = new Uint8Array(WIDTH * HEIGHT * 3);
for (let i = 0; i < WIDTH * HEIGHT; i++) {
  const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
  const colour = inDisc(x, y)
    ? y < 100
      ? [210, 60, 50]
      : [240, 200, 180]
    : x < 90 && y > 130
      ? [50, 80, 190]
      : [90, 150, 80];
  data.set(
    colour.map((value) => value + Math.round(next() * 16 - 8)),
    i * 3,
  );
}
const picture: Raster = { width: WIDTH, height: HEIGHT, data };
const labels = { width: WIDTH, height: HEIGHT, data: new Uint8Array(WIDTH * HEIGHT) };

function overlap(mask: Mask, isIn: (x: number, y: number) => boolean): number {
  let [both, either] = [0, 0];
  mask.data.forEach((value, i) => {
    const wanted = isIn(i % WIDTH, Math.floor(i / WIDTH));
    if (value && wanted) both++;
    if (value || wanted) either++;
  });
  return both / either;
}

describe('this is one thing', () => {
  it('a box around a thing of two colours gives the thing', async () => {
    const box = { left: 130, top: 40, width: 140, height: 140 };
    expect(overlap(await pick(picture, labels, { kind: 'box', box }), inDisc)).toBeGreaterThan(0.95);
  });

  it('a box of a pixel or two gives these', async () => {
    const mask = await pick(picture, labels, {
      kind: 'box',
      box: { left: 199, top: 111, width: 2, height: 2 },
    });
    expect(overlap(mask, (x, y) => x >= 199 && x < 201 && y >= 111 && y < 113)).toBeGreaterThan(0.2);
  });

  it('a point gives the thing it lies on, and nothing of another', async () => {
    const blue = await pick(picture, labels, { kind: 'point', at: { x: 40, y: 190 } });
    expect(overlap(blue, (x, y) => x < 90 && y > 130)).toBeGreaterThan(0.9);
  });

  it('strokes join what a point would keep apart, and keep out what is struck', async () => {
    const inside = [
      { x: 200, y: 75 },
      { x: 200, y: 140 },
    ];
    const disc = await pick(picture, labels, { kind: 'strokes', inside, outside: [{ x: 100, y: 40 }] });
    expect(overlap(disc, inDisc)).toBeGreaterThan(0.9);
    expect(disc.data[40 * WIDTH + 100]).toBe(0);
  });

  it('the same picture is looked at once, another one anew', async () => {
    const again = { ...picture, data: Uint8Array.from(picture.data) };
    const cut = await fineCut(picture);
    expect(await fineCut(again)).toBe(cut);
    again.data[0]! ^= 1;
    expect(await fineCut(again)).not.toBe(cut);
  });

  it('says so when the place is outside the picture', async () => {
    await expect(pick(picture, labels, { kind: 'point', at: { x: 400, y: 3 } })).rejects.toThrow(
      'outside the picture: it is 320x240 pixels',
    );
    const box = { left: 500, top: 0, width: 20, height: 20 };
    await expect(pick(picture, labels, { kind: 'box', box })).rejects.toThrow('outside the picture');
  });
});

it('the cut is the cheapest of all on small grids', () => {
  const random = randomNumbers(11);
  for (let trial = 0; trial < 20; trial++) {
    const [width, height] = [4, 3];
    const pixels = width * height;
    const costs = () => Float32Array.from({ length: pixels }, () => Math.floor(random() * 10));
    const [outside, inside] = [costs(), costs()];
    const weights = Float32Array.from({ length: pixels * pixels }, () => Math.floor(random() * 5));
    const between = (i: number, j: number): number => weights[Math.min(i, j) * pixels + Math.max(i, j)]!;
    const price = (isIn: (i: number) => boolean): number => {
      let sum = 0;
      for (let i = 0; i < pixels; i++) {
        sum += isIn(i) ? inside[i]! : outside[i]!;
        for (const [dx, dy] of [
          [1, 0],
          [0, 1],
          [1, 1],
          [-1, 1],
        ] as const) {
          const [x, y] = [(i % width) + dx, Math.floor(i / width) + dy];
          if (x < 0 || x >= width || y >= height) continue;
          if (isIn(i) !== isIn(y * width + x)) sum += between(i, y * width + x);
        }
      }
      return sum;
    };
    const cut = minimumCut({ width, height, outside, inside, between });
    let least = Number.POSITIVE_INFINITY;
    for (let set = 0; set < 2 ** pixels; set++)
      least = Math.min(
        least,
        price((i) => ((set >> i) & 1) === 1),
      );
    expect(price((i) => cut[i] === 1)).toBeCloseTo(least, 4);
  }
});
