import { expect, it } from 'vitest';
import { type DraftPicture, draftEdit, planEdit, type TurnPicture } from '../../../src/engine/edits/index.js';

/** 3 x 2 pixels, each of its own colour; item 1 is the pixel at the top right, and half covered by the ground. */
const colours = [0, 1, 2, 3, 4, 5];
const before: DraftPicture = {
  picture: { width: 3, height: 2, data: Uint8Array.from(colours.flatMap((c) => [c, c, c])) },
  labels: { width: 3, height: 2, data: Uint8Array.from([0, 0, 1, 0, 0, 0]) },
  items: ['grass', 'top right cup'].map((name) => ({ name, prompt: { kind: 'text', text: name } })),
  layers: [
    {
      item: 1,
      cutout: {
        box: { left: 2, top: 0, width: 1, height: 2 },
        foreground: { width: 1, height: 2, data: Uint8Array.from([7, 7, 7, 8, 8, 8]) },
        alpha: Uint8Array.from([255, 100]),
      },
    },
  ],
};

async function turned(picture: DraftPicture, turn: Omit<TurnPicture, 'kind'>): Promise<DraftPicture> {
  const edit = { kind: 'turnPicture', ...turn } as const;
  const plan = planEdit(picture, edit, { edge: 1, margin: 1 });
  return (await draftEdit(picture, edit, plan, 1))!;
}

const seen = ({ picture, labels, items, layers }: DraftPicture) => {
  const grey = [...picture.data].filter((_, i) => i % 3 === 0);
  const { width } = picture;
  const rows = Array.from({ length: picture.height }, (_, y) => grey.slice(y * width, (y + 1) * width));
  const { box, foreground, alpha } = layers![0]!.cutout;
  return {
    rows,
    at: labels.data.indexOf(1),
    name: items[1]!.name,
    box,
    foreground: foreground.data[0],
    alpha: [...alpha],
  };
};

it('a picture is mirrored or turned by quarters with its items, their names and what is covered of them', async () => {
  expect(seen(await turned(before, { mirrored: true, quarters: 0 }))).toEqual({
    rows: [
      [2, 1, 0],
      [5, 4, 3],
    ],
    ...{ at: 0, name: 'top left cup', foreground: 7, alpha: [255, 100] },
    box: { left: 0, top: 0, width: 1, height: 2 },
  });
  expect(seen(await turned(before, { mirrored: false, quarters: 1 }))).toEqual({
    rows: [
      [3, 0],
      [4, 1],
      [5, 2],
    ],
    ...{ at: 5, name: 'bottom right cup', foreground: 8, alpha: [100, 255] },
    box: { left: 0, top: 2, width: 2, height: 1 },
  });
});

it.each([1, 2, 3] as const)(
  '%i quarters and the rest of the way round leave it as it was',
  async (quarters) => {
    const there = await turned(before, { mirrored: false, quarters });
    const rest = (4 - quarters) as 1 | 2 | 3;
    expect(await turned(there, { mirrored: false, quarters: rest })).toEqual(before);
    const mirror = { mirrored: true, quarters } as const;
    expect(await turned(await turned(before, mirror), mirror)).toEqual(
      quarters === 2 ? before : expect.anything(),
    );
  },
);

it('to a side goes as far as all of the item stays in the picture, and says so where that is nowhere', () => {
  const labels = { width: 6, height: 2, data: Uint8Array.from([0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0]) };
  const scene = { labels, items: before.items };
  const at = (place: object) =>
    planEdit(scene, { kind: 'moveTo', item: 1, ...place }, { edge: 1, margin: 1 }).labels.data.indexOf(1);
  expect(at({ x: 0, inside: true })).toBe(0);
  expect(at({ x: 5, inside: true })).toBe(4);
  expect(() => at({ y: 0, inside: true })).toThrow(/^item 2 is as far there as it can be/);
});
