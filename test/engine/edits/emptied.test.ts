import { expect, it } from 'vitest';
import { draftEdit, type PictureEdit, planEdit } from '../../../src/engine/edits/index.js';

const [WIDTH, HEIGHT] = [96, 64];
const PERSON_FROM = 60;
type Place = (x: number, y: number) => boolean;
const AT_THE_RIGHT: Place = (x) => x >= PERSON_FROM;

/** A grey wall with a person in red at the right, and a blue box left of the person or on them. */
function scene(name: string, boxFrom: number, isRed: Place) {
  const labels = new Uint8Array(WIDTH * HEIGHT);
  const data = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < labels.length; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const box = x > boxFrom && x < boxFrom + 20 && y > 20 && y < 50;
    labels[i] = box ? 2 : isRed(x, y) ? 1 : 0;
    const grain = (x * 7 + y * 13) % 5;
    const colour = [
      [120, 120, 120],
      [200, 30, 30],
      [20, 40, 200],
    ][labels[i]!]!;
    for (let c = 0; c < 3; c++) data[i * 3 + c] = colour[c]! + grain;
  }
  const prompt = { kind: 'text', text: '' } as const;
  const names = ['grey background', name, 'blue item'];
  return {
    picture: { width: WIDTH, height: HEIGHT, data },
    labels: { width: WIDTH, height: HEIGHT, data: labels },
    items: names.map((one) => ({ name: one, prompt })),
  };
}

/** Of the pixels that were the box's: how many are red now, and whose they are; and how many of the red ones are no more. */
async function after(edit: PictureEdit, name: string, boxFrom = 40, isRed = AT_THE_RIGHT) {
  const before = scene(name, boxFrom, isRed);
  const plan = planEdit(before, edit, { edge: 3, margin: 1 });
  const drafted = (await draftEdit(before, edit, plan, 1))!;
  const box = [...before.labels.data.keys()].filter((i) => before.labels.data[i] === 2);
  const { data } = drafted.picture;
  const redOf = (pixels: number[]): number =>
    pixels.filter((i) => data[i * 3]! > data[i * 3 + 1]! + 40 && data[i * 3 + 2]! < 100).length;
  const others = [...before.labels.data.keys()].filter((i) => before.labels.data[i] === 1);
  return {
    ...{ red: redOf(box), person: box.filter((i) => drafted.labels.data[i] === 1).length },
    lost: others.length - redOf(others),
  };
}

const EDITS = { remove: { kind: 'remove', item: 2 }, grow: { kind: 'grow', item: 2, pixels: -4 } } as const;

it.each(['remove', 'grow'] as const)('nobody grows into what stood beside them (%s)', async (kind) => {
  expect(await after(EDITS[kind], 'person')).toMatchObject({ red: 0, person: 0 });
  // any other item does, where it is nearest, as D-Edit has it
  const { red, person } = await after(EDITS[kind], 'red item');
  expect(person).toBeGreaterThan(50);
  expect(red).toBeGreaterThan(10);
});

it.each(['remove', 'grow'] as const)('what lies on a person leaves its place to them (%s)', async (kind) => {
  const { red, person } = await after(EDITS[kind], 'person', PERSON_FROM + 8);
  expect(person).toBeGreaterThan(100);
  expect(red).toBeGreaterThanOrEqual(person);
});

it('a thing that only touched it does not grow there; what goes on behind it does', async () => {
  const block: Place = (x, y) => x >= PERSON_FROM && x < PERSON_FROM + 16 && y > 28 && y < 46;
  expect(await after(EDITS.remove, 'red item', 40, block)).toMatchObject({ red: 0, person: 0 });
  const band: Place = (_, y) => y > 30 && y < 42;
  const { red, person } = await after(EDITS.remove, 'red item', 40, band);
  expect(person).toBeGreaterThan(100);
  expect(red).toBeGreaterThan(100);
});

it('what only touched it loses nothing: the fringe on it is filled from its own pixels', async () => {
  const block: Place = (x, y) => x >= PERSON_FROM && x < PERSON_FROM + 16 && y > 28 && y < 46;
  expect((await after(EDITS.remove, 'red item', 40, block)).lost).toBe(0);
});

it('what is too thin to copy from keeps its pixels as they are', async () => {
  const wire: Place = (x, y) => x >= PERSON_FROM && x < PERSON_FROM + 3 && y > 10 && y < 60;
  expect((await after(EDITS.remove, 'red item', 40, wire)).lost).toBe(0);
});
