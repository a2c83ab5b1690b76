import { expect, it } from 'vitest';
import { areasOf } from '../../../src/engine/masks/labelMap.js';
import type { LabelMap, Mask } from '../../../src/engine/raster.js';
import type { Segmenter } from '../../../src/engine/segmentation/segmenter.js';
import { cutForWords } from '../../../src/engine/segmentation/wanted.js';

const [WIDTH, HEIGHT] = [40, 30];
const PICTURE = { width: WIDTH, height: HEIGHT, data: new Uint8Array(3 * WIDTH * HEIGHT) };
type Box = readonly [left: number, top: number, width: number, height: number];

const boxed = ([left, top, wide, high]: Box): Mask => ({
  ...{ width: WIDTH, height: HEIGHT },
  data: Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    return Number(x >= left && x < left + wide && y >= top && y < top + high);
  }),
});

/** Cuts a ground with these boxes on it, called 1, 2, …; finds what is said where. */
function segmenter(cut: readonly Box[], there: Record<string, Box>): Segmenter {
  const data = new Uint8Array(WIDTH * HEIGHT);
  cut.forEach((box, k) => boxed(box).data.forEach((inside, i) => inside && (data[i] = k + 1)));
  const labels: LabelMap = { width: WIDTH, height: HEIGHT, data };
  const items = [{ name: 'ground' }, ...cut.map((_, k) => ({ name: `${k + 1}` }))];
  return {
    segment: async () => ({ labels, items }),
    find: async (_, words) => there[words] && boxed(there[words]),
  };
}

/** Name and pixels of each item. */
async function cutBy(by: Segmenter, ...words: string[]) {
  const { labels, items, remarks } = await cutForWords(by, PICTURE, words);
  const areas = areasOf(labels);
  return { items: items.map(({ name }, i) => [name, areas[i]] as const), remarks };
}

it('what was cut already gets the name; what was not is cut out of what it lies in', async () => {
  const by = segmenter([[2, 2, 20, 20]], { dog: [2, 2, 20, 19], hat: [4, 4, 5, 5], ball: [30, 20, 6, 6] });
  expect(await cutBy(by, 'hat', 'dog', 'ball')).toEqual({
    items: [
      ['ground', 1200 - 400 - 36],
      ['dog', 400 - 25],
      ['ball', 36],
      ['hat', 25],
    ],
    remarks: [],
  });
});

it('pieces of what is named are it, and of what is left of another little its neighbours', async () => {
  const halves: Box[] = [
    [2, 2, 10, 20],
    [12, 2, 10, 20],
  ];
  expect((await cutBy(segmenter(halves, { dog: [2, 2, 18, 20] }), 'dog')).items).toEqual([
    ['ground', expect.any(Number)],
    ['dog', expect.any(Number)],
  ]);
  // half of one is left: it stays
  expect((await cutBy(segmenter(halves, { dog: [2, 2, 15, 20] }), 'dog')).items).toEqual([
    ['ground', 800],
    ['dog', 300],
    ['2', 100],
  ]);
});

it('what is not seen is told, and the cut is as without words where nothing is', async () => {
  const by = segmenter([[2, 2, 20, 20]], { dog: [2, 2, 20, 20] });
  const plain = { items: [['ground', 800] as const, ['1', 400] as const] };
  expect(await cutBy(by, 'cat', 'pizza')).toEqual({ ...plain, remarks: ['I see no cat and no pizza here'] });
  expect((await cutBy(by, 'cat', 'dog')).remarks).toEqual(['I see no cat here']);
  const { segment } = by;
  expect(await cutBy({ segment }, 'dog')).toEqual({ ...plain, remarks: ['I see no dog here'] });
});

it('two words for one thing are one item', async () => {
  const by = segmenter([], { dog: [2, 2, 20, 20], puppy: [2, 2, 20, 19] });
  const { items, remarks } = await cutBy(by, 'dog', 'puppy');
  expect(items.map(([name]) => name)).toEqual(['ground', 'dog']);
  expect(remarks).toEqual(['The puppy and the dog are one thing here']);
});

it('a word for all of the picture is the ground, and eight items are the most', async () => {
  const all = await cutBy(segmenter([[2, 2, 5, 5]], { field: [0, 0, WIDTH, HEIGHT] }), 'field');
  expect(all.items).toEqual([
    ['field', 1175],
    ['1', 25],
  ]);
  const seven = Array.from({ length: 7 }, (_, k): Box => [2 + 5 * k, 2, 4, 4 + k]);
  const words = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  const there = Object.fromEntries(words.map((word, k) => [word, [2 + 5 * k, 20, 3, 3] as const]));
  const { items } = await cutBy(segmenter(seven, there), ...words);
  expect(items.map(([name]) => name)).toEqual(['ground', ...words]);
});
