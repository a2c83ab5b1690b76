import { expect, it } from 'vitest';
import { itemIndex } from '../../../src/commands/items.js';
import type { Mask } from '../../../src/engine/raster.js';
import { toLab } from '../../../src/engine/segmentation/lab.js';
import { nameItems } from '../../../src/engine/segmentation/names.js';

const SIDE = 20;
const brown = toLab({
  ...{ width: SIDE, height: SIDE },
  data: Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => [120, 80, 50][i % 3]!),
});
const dot = (x: number, y: number): Mask => {
  const data = new Uint8Array(SIDE * SIDE);
  data[y * SIDE + x] = 1;
  return { width: SIDE, height: SIDE, data };
};
/** What brown things at these places are called, in front of brown. */
const called = (...places: readonly (readonly [number, number])[]): string[] =>
  nameItems([dot(0, 0), ...places.map(([x, y]) => dot(x, y))], brown).slice(1);

it.each([
  ['one', [[3, 3]], ['']],
  [
    'two side by side',
    [
      [9, 9],
      [13, 10],
    ],
    ['left ', 'right '],
  ],
  [
    'two above each other',
    [
      [9, 14],
      [10, 2],
    ],
    ['bottom ', 'top '],
  ],
  [
    'three in a row',
    [
      [15, 9],
      [2, 9],
      [8, 9],
    ],
    ['right ', 'left ', 'middle '],
  ],
  [
    'two in one place',
    [
      [9, 9],
      [10, 10],
    ],
    ['middle ', 'second middle '],
  ],
  [
    'many',
    [
      [1, 1],
      [18, 1],
      [1, 18],
      [2, 17],
      [10, 10],
    ],
    ['top left ', 'top right ', 'bottom left ', 'second bottom left ', 'middle '],
  ],
] as const)('%s', (_, places, words) => {
  const names = called(...places);
  expect(names).toEqual(words.map((word) => `${word}brown item`));
  // as a person says it
  const subject = { width: SIDE, height: SIDE, items: ['sky', ...names].map((name) => ({ name })) };
  names.forEach((name, i) => {
    expect(itemIndex(`the ${name}`, subject)).toBe(i + 1);
    expect(itemIndex(name.replace('item', 'one'), subject)).toBe(i + 1);
  });
});

it('what is known is told apart in the same way', () => {
  const masks = [dot(0, 0), dot(3, 9), dot(15, 9), dot(9, 2)];
  expect(nameItems(masks, brown, undefined, [undefined, 'cup', 'cup', undefined])).toEqual([
    ...['brown background', 'left cup', 'right cup', 'brown item'],
  ]);
});
