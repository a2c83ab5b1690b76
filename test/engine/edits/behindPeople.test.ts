import { expect, it } from 'vitest';
import { draftEdit, planEdit } from '../../../src/engine/edits/index.js';

const [WIDTH, HEIGHT] = [96, 64];
const PERSON_FROM = 60;
/** A grey wall, a red person at the right, and a blue box between: nearer to the person than to the wall's far end. */
function scene(name: string) {
  const labels = new Uint8Array(WIDTH * HEIGHT);
  const data = new Uint8Array(3 * WIDTH * HEIGHT);
  for (let i = 0; i < labels.length; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    labels[i] = x >= PERSON_FROM ? 1 : x > 40 && y > 20 && y < 50 ? 2 : 0;
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

async function removed(name: string) {
  const before = scene(name);
  const edit = { kind: 'remove', item: 2 } as const;
  const plan = planEdit(before, edit, { edge: 3, margin: 1 });
  const after = (await draftEdit(before, edit, plan, 1))!;
  const changed = [...before.labels.data.keys()].filter((i) => before.labels.data[i] === 2);
  return {
    red: changed.filter((i) => after.picture.data[i * 3]! > after.picture.data[i * 3 + 1]! + 40).length,
    asPerson: changed.filter((i) => after.labels.data[i] === 1).length,
  };
}

it('nobody grows into the place of what stood beside them', async () => {
  expect(await removed('person')).toEqual({ red: 0, asPerson: 0 });
  // any other item does, where it is nearest, as D-Edit has it
  const { red, asPerson } = await removed('red item');
  expect(asPerson).toBeGreaterThan(50);
  expect(red).toBeGreaterThan(50);
});
