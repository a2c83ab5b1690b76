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

it('looks at each of many pictures a few times, and shows the newest', () => {
  const [count, read] = [100_000, { times: 0 }];
  const line = Array.from({ length: count }, (_, i) => {
    const plain = revision(i, i > 0 ? i - 1 : undefined);
    return new Proxy(plain, { get: (of, key) => (read.times++, Reflect.get(of, key) as unknown) });
  });
  expect(describeHistory(line, undefined).split('\n')).toHaveLength(101);
  expect(read.times / count).toBeLessThan(10); // for each of them all the others would be 100,000
});
