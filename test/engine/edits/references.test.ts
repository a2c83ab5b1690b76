import { describe, expect, it } from 'vitest';
import { pixels, type Scene } from '../../../src/engine/editor.js';
import {
  type CutPicture,
  type Edit,
  imaginedPlan,
  type ItemSource,
  needOf,
} from '../../../src/engine/edits/index.js';
import { type Box as MaskBox, boundsOf, maskOf } from '../../../src/engine/masks/mask.js';
import type { LabelMap } from '../../../src/engine/raster.js';

type Box = readonly [left: number, top: number, width: number, height: number];
const [GRASS, SKY] = [
  [60, 140, 50],
  [120, 170, 220],
] as const;
const [RED, BLUE] = [
  [220, 30, 30],
  [30, 40, 210],
] as const;

const cutReference: (typeof pixels)['cut'] = async (...cut) => pixels.asReference(await pixels.cut(...cut));

/** A ground with things on it in plain colours, cut as it is drawn. */
async function picture(
  width: number,
  height: number,
  ground: readonly number[],
  things: readonly (readonly [Box, readonly number[]])[],
  make: (typeof pixels)['cut'] = pixels.cut,
): Promise<Scene> {
  const data = new Uint8Array(width * height * 3);
  const labels: LabelMap = { width, height, data: new Uint8Array(width * height) };
  for (let i = 0; i < width * height; i++) data.set(ground, i * 3);
  for (const [item, [[left, top, w, h], colour]] of things.entries())
    for (let y = top; y < top + h; y++)
      for (let x = left; x < left + w; x++) {
        data.set(colour, (y * width + x) * 3);
        labels.data[y * width + x] = item + 1;
      }
  return await make({ width, height, data }, labels);
}

const B = await picture(60, 60, SKY, [[[20, 10, 20, 40], BLUE]], cutReference);
const A = {
  ...(await picture(120, 90, GRASS, [
    [[20, 20, 30, 40], RED],
    [
      [80, 30, 20, 20],
      [240, 240, 240],
    ],
  ])),
  references: { B },
};

const at = ({ picture: { width, data } }: Scene, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const near = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, i) => Math.abs(value - b[i]!) < 12);
const drafted = async (edit: Edit): Promise<Scene> => (await pixels.draft(A, edit))!;

describe('an item of a reference', () => {
  it('stands where the other stood, in its own pixels and proportions, on a completed ground', async () => {
    const after = await drafted({ kind: 'replaceWith', item: 1, with: { picture: 'B', item: 1 } });
    const { left, top, width, height } = boundsOf(maskOf(after.labels, 1))!;
    expect(width / height).toBeCloseTo(0.5, 1);
    expect(Math.abs(top + height - 60)).toBeLessThanOrEqual(1);
    expect(Math.abs(left + width / 2 - 35)).toBeLessThanOrEqual(1);
    expect(near(at(after, 35, 40), BLUE)).toBe(true);
    expect(near(at(after, 22, 58), GRASS)).toBe(true); // the wider old item is gone
    expect(at(after, 90, 40)).toEqual([240, 240, 240]);
    expect(after.items.map(({ name }) => name)).toEqual(['background', 'item 2', 'item 3']);
    expect(after.references).toBe(A.references);
  });

  it('is put there as a new last item, whole, as large as it is to its own picture', async () => {
    const after = await drafted({ kind: 'put', from: { picture: 'B', item: 1 }, x: 118, y: 2 });
    const box = boundsOf(maskOf(after.labels, 3))!;
    expect([box.left + box.width, box.top]).toEqual([120, 0]);
    expect([box.width, box.height]).toEqual([27, 54]); // 60 % of the height, where 1.5 times would be 60
    expect(after.items).toHaveLength(4);
    expect(near(at(after, 112, 20), BLUE)).toBe(true);
  });

  it('that is a ground comes behind everything', async () => {
    const after = await drafted({ kind: 'replaceWith', item: 0, with: { picture: 'B', item: 0 } });
    expect(near(at(after, 5, 5), SKY)).toBe(true);
    expect(near(at(after, 60, 50), SKY)).toBe(true); // what stood on the other ground stays there
    expect(near(at(after, 35, 40), RED)).toBe(true);
  });
});

it('another item of the same picture takes the place of one, and stays where it is', async () => {
  const after = await drafted({ kind: 'replaceWith', item: 1, with: { item: 2 } });
  expect(near(at(after, 35, 45), [240, 240, 240])).toBe(true);
  expect(at(after, 90, 40)).toEqual([240, 240, 240]);
});

it.each<[string, Edit, RegExp]>([
  [
    'no such picture',
    { kind: 'replaceWith', item: 1, with: { picture: 'C', item: 1 } },
    /no reference picture C/,
  ],
  [
    'no such item',
    { kind: 'replaceWith', item: 1, with: { picture: 'B', item: 8 } },
    /no B9: choose one of B1, B2/,
  ],
  ['itself', { kind: 'replaceWith', item: 1, with: { item: 1 } }, /there already/],
])('%s is said plainly', async (_, edit, why) => {
  await expect(pixels.draft(A, edit)).rejects.toThrow(why);
});

it('a stamp is not blown up', async () => {
  const stamp = await picture(12, 12, SKY, [[[4, 4, 3, 3], BLUE]], cutReference);
  const edit = { kind: 'replaceWith', item: 1, with: { picture: 'B', item: 1 } } as const;
  await expect(pixels.draft({ ...A, references: { B: stamp } }, edit)).rejects.toThrow(
    /B2 is only 3x3 pixels .* send a larger picture/,
  );
});

describe('several items in a new picture', () => {
  const plan = (of: readonly ItemSource[], words: string) =>
    imaginedPlan<CutPicture>(A, { kind: 'imagine', of, words }, { width: 128, height: 128 });

  it('stand side by side in their own outlines, each listening to its own prompt', () => {
    const { labels, items } = plan([{ item: 2 }, { picture: 'B', item: 1 }], 'on a beach');
    expect(items[0]).toEqual({ name: 'on a beach', prompt: { kind: 'text', text: 'on a beach' } });
    expect(items.slice(1)).toEqual([A.items[2], B.items[1]]);
    const [first, second] = [1, 2].map((item) => boundsOf(maskOf(labels, item))!) as [MaskBox, MaskBox];
    expect(first.left + first.width).toBeLessThan(second.left);
    expect(first.width / first.height).toBeCloseTo(1, 1);
    expect(second.width / second.height).toBeCloseTo(0.5, 1);
  });

  it('are told what they do, but not where; a ground among them is the ground', () => {
    const { items } = plan([{ item: 1 }, { picture: 'B', item: 0 }, { item: 2 }], 'dancing');
    expect(items.map(({ prompt }) => prompt)).toEqual([
      { kind: 'text', text: 'background dancing' },
      { kind: 'learned', item: 1, words: 'dancing' },
      { kind: 'learned', item: 2, words: 'dancing' },
    ]);
  });

  it('is a sentence where there is one that does something, and stands in its outline where it is somewhere', () => {
    const dances = plan([{ item: 2 }], 'dancing in the rain');
    expect(dances.items.map(({ prompt }) => prompt)).toEqual([
      { kind: 'learned', item: 2, words: 'dancing in the rain' },
    ]);
    for (const manner of ['in the style of Klimt', 'in watercolour', 'in a red hat', 'in Gold', 'in oil'])
      expect(plan([{ item: 2 }], manner).items, manner).toHaveLength(1);
    for (const place of ['on a red hat', 'in a golden field', 'in the white snow', 'in the colour factory'])
      expect(plan([{ item: 2 }], place).items, place).toHaveLength(2);
    const { labels, items } = plan([{ item: 2 }], 'in the rain');
    expect(items[0]!.prompt).toEqual({ kind: 'text', text: 'in the rain' });
    expect(items[1]).toEqual(A.items[2]);
    const { left, width, top, height } = boundsOf(maskOf(labels, 1))!;
    expect(left + width / 2).toBeCloseTo(64, -1);
    expect(Math.max(width / 128, height / 128)).toBeGreaterThan(0.5);
    expect(top + height).toBeLessThan(128);
  });

  it('are refused when they are not there', () => {
    expect(() => plan([{ item: 1 }, { picture: 'C', item: 1 }], '')).toThrow('no reference picture C');
  });
});

describe('an item that is to look otherwise', () => {
  const edit = { kind: 'replaceWith', item: 1, with: { picture: 'B', item: 1 } } as const;
  const middleOf = (scene: Scene): number[] => {
    const { left, top, width, height } = boundsOf(maskOf(scene.labels, 1))!;
    return at(scene, left + (width >> 1), top + (height >> 1));
  };

  it('comes in its own pixels and in the colour that was named, at once', async () => {
    const [plain, green] = [await drafted(edit), await drafted({ ...edit, words: 'green' })];
    expect(near(middleOf(plain), BLUE)).toBe(true);
    const [red, leaf, blue] = middleOf(green) as [number, number, number];
    expect(leaf).toBeGreaterThan(Math.max(red, blue));
    expect(green.items[1]!.prompt).toEqual({ kind: 'text', text: 'green item 2' });
    expect(green.labels).toEqual(plain.labels);
  });

  it('is drawn, by its learned prompt and the words, when they are no colour', async () => {
    const words = 'wearing a santa hat';
    expect(await pixels.draft(A, { ...edit, words })).toBeUndefined();
    expect([needOf({ ...edit, words }), needOf({ ...edit, words: 'green' })]).toEqual([
      'learning',
      'nothing',
    ]);
  });
});

it('several replacements that the pixels answer are one draft; with words in it the rest waits to be drawn', async () => {
  const one = { kind: 'replaceWith', item: 1, with: { picture: 'B', item: 1 } } as const;
  const both = await drafted({ kind: 'together', edits: [one, { ...one, item: 2 }] });
  for (const item of [1, 2]) {
    const { left, top, width, height } = boundsOf(maskOf(both.labels, item))!;
    expect(near(at(both, left + (width >> 1), top + (height >> 1)), BLUE)).toBe(true);
  }
  const replace = { kind: 'replace', item: 2, prompt: 'a cat' } as const;
  expect(await pixels.draft(A, { kind: 'together', edits: [one, replace] })).toBeUndefined();
});

it('without its background everything stands on white, as it was', async () => {
  const after = await drafted({ kind: 'clear' });
  expect(at(after, 60, 80)).toEqual([255, 255, 255]);
  expect(at(after, 35, 40)).toEqual(RED);
  expect(at(after, 90, 40)).toEqual([240, 240, 240]);
  expect(after.labels).toEqual(A.labels);
  const bare = await picture(60, 60, SKY, []);
  await expect(pixels.draft(bare, { kind: 'clear' })).rejects.toThrow('nothing stands on the background');
});
