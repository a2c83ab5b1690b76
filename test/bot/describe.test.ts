import { expect, it } from 'vitest';
import { describeHistory } from '../../src/bot/describe.js';
import type { Revision } from '../../src/sessions/sessions.js';

const revision = (number: number, parent: number | undefined, say = 'make 2 red') =>
  ({
    ...{ id: `r${number}`, number, say, status: 'DONE' },
    parentId: parent === undefined ? null : `r${parent}`,
  }) as Revision;

it('branches step in, a line of edits stays flush', () => {
  const tree = [
    revision(0, undefined, 'upload'),
    ...[revision(1, 0), revision(2, 0), revision(3, 2), revision(4, 3), revision(5, 3)],
  ];
  expect(describeHistory(tree, 'r5').split('\n')).toEqual([
    ...['  0: upload', '    1: make 2 red', '    2: make 2 red', '    3: make 2 red'],
    ...['      4: make 2 red', '→     5: make 2 red'],
  ]);
});

it('of ten times as many pictures takes about ten times as long, and shows the newest', () => {
  const time = (count: number): number => {
    const line = Array.from({ length: count }, (_, i) => revision(i, i > 0 ? i - 1 : undefined));
    const start = performance.now();
    const text = describeHistory(line, undefined);
    expect(text.split('\n')).toHaveLength(Math.min(count, 101));
    return performance.now() - start;
  };
  time(10_000);
  expect(time(100_000) / time(10_000)).toBeLessThan(50); // a hundred would be quadratic
});
