import { expect, it } from 'vitest';
import { draftEdit, planEdit } from '../../../src/engine/edits/index.js';

const [WIDTH, HEIGHT] = [82, 64];
const COLOURS = [
  [120, 120, 120],
  [200, 30, 30],
  [20, 40, 200],
] as const;

const isAngle = (x: number, y: number): boolean =>
  (x >= 60 && x < 64 && y >= 10 && y < 50) || (x >= 60 && x < 80 && y >= 46 && y < 50);
const isSquare = (x: number, y: number): boolean => x >= 66 && x < 81 && y >= 20 && y < 34;

it('the picture shows on top what the plan has there, also where the larger item loses much to the rim', async () => {
  const labels = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    return isAngle(x, y) ? 1 : isSquare(x, y) ? 2 : 0;
  });
  const data = Uint8Array.from(
    { length: labels.length * 3 },
    (_, k) => COLOURS[labels[Math.floor(k / 3)]!]![k % 3]!,
  );
  const items = ['background', 'angle', 'square'].map((name) => ({
    name,
    prompt: { kind: 'text', text: name } as const,
  }));
  const before = {
    picture: { width: WIDTH, height: HEIGHT, data },
    labels: { width: WIDTH, height: HEIGHT, data: labels },
    items,
  };
  const edit = { kind: 'swap', a: 1, b: 2 } as const;
  const plan = planEdit(before, edit, { edge: 3, margin: 1 });
  const { picture } = (await draftEdit(before, edit, plan, 1))!;
  const both = 35 * WIDTH + 70; // in the new place of either
  expect(plan.labels.data[both]).toBe(1);
  const [red, , blue] = picture.data.subarray(both * 3);
  expect(red).toBeGreaterThan(blue! + 50);
});
