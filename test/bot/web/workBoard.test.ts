import { expect, it } from 'vitest';
import type { Work } from '../../../src/bot/web/wire.js';
import { WorkBoard } from '../../../src/bot/web/workBoard.js';

it('tells how far the work is, and how long the rest will take as long as it goes on so', () => {
  let now = 1000;
  const told: (Work | null)[] = [];
  const board = new WorkBoard(
    (_, work) => told.push(work),
    () => now,
  );
  board.update('t', { stage: 'edit', step: 0, of: 8 });
  expect(told).toEqual([{ stage: 'edit', share: 0, elapsed: 0 }]);
  now += 3000;
  board.update('t', { stage: 'edit', step: 2, of: 8 });
  expect(told.at(-1)).toEqual({ stage: 'edit', share: 0.25, elapsed: 3, left: 9 });
  // too soon to tell again; who comes now sees it all the same
  now += 100;
  board.update('t', { stage: 'edit', step: 3, of: 8 });
  expect(told).toHaveLength(2);
  expect(board.current('t')).toMatchObject({ share: 0.375 });
  board.update('t', undefined);
  expect([told.at(-1), board.current('t')]).toEqual([null, undefined]);
});
