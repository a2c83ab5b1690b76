import { expect, it } from 'vitest';
import { draftEdit, planEdit } from '../../../src/engine/edits/index.js';
import { areasOf } from '../../../src/engine/masks/labelMap.js';

const [WIDTH, HEIGHT] = [64, 48];

it('an item that is too thin to copy from grows over the pixels as they are', async () => {
  const labels = new Uint8Array(WIDTH * HEIGHT);
  labels[20 * WIDTH + 30] = 1;
  const data = Uint8Array.from({ length: labels.length * 3 }, (_, i) => 100 + ((i * 7) % 13));
  const before = {
    picture: { width: WIDTH, height: HEIGHT, data },
    labels: { width: WIDTH, height: HEIGHT, data: labels },
    items: ['background', 'speck'].map((name) => ({ name, prompt: { kind: 'text', text: name } as const })),
  };
  const edit = { kind: 'grow', item: 1, pixels: 2 } as const;
  const plan = planEdit(before, edit, { edge: 3, margin: 1 });
  const after = (await draftEdit(before, edit, plan, 1))!;
  expect(areasOf(after.labels)[1]).toBe(13);
  expect(Buffer.compare(after.picture.data, data)).toBe(0);
});
