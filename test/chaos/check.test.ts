import { expect, it } from 'vitest';
import { broken, type Left, type Received, type Said } from './check.js';

const upload: Said = { id: 'u', thread: 't', kind: 'upload', text: '', acknowledged: true };
const say = (text: string, more: Partial<Said> = {}): Said => ({
  ...{ id: text, thread: 't', kind: 'say', text, acknowledged: true },
  ...more,
});
const message = (key: string, kind: string, text: string): Received => ({ thread: 't', key, kind, text });
const said = [upload, say('make 2 look1'), say('make 2 look2')];
const received = [
  message('a', 'overlay', '3 items'),
  message('b', 'result', '1: make 2 look1'),
  message('c', 'result', '2: make 2 look2'),
];
const left: Left = {
  sessions: [{ id: 's', thread: 't' }],
  revisions: [1, 2].map((n) => ({ thread: 't', say: `make 2 look${n}`, status: 'DONE' })),
  unfinished: [],
  named: ['sessions/s/1', 'sessions/s/2'],
  blobs: ['sessions/s/2', 'sessions/s/1'],
};

it('finds nothing where all is well: a message sent again with its key, and what was given up', () => {
  expect(broken(said, received, left)).toEqual([]);
  expect(broken(said, [...received, received[1]!], left)).toEqual([]);
  const gaveUp = message('c', 'error', '"make 2 look2" could not be done: the program ended 3 times');
  expect(broken(said, [received[0]!, received[1]!, gaveUp], left)).toEqual([]);
  const gone = { ...left, sessions: [], revisions: [], named: [], blobs: [] };
  expect(broken([...said, say('forget')], received, gone)).toEqual([]);
});

it.each<[string, readonly Said[], readonly Received[], Partial<Left>]>([
  ['"make 2 look2" in t was never answered', said, received.slice(0, 2), {}],
  [
    '"make 2 look1" in t was answered 2 times',
    said,
    [...received, message('d', 'result', '1: make 2 look1')],
    {},
  ],
  [
    'make 2 look3 was never acknowledged',
    [...said, say('make 2 look3', { acknowledged: false })],
    received,
    {},
  ],
  ['"make 2 look1" in t is stored 0 times', said, received, { revisions: left.revisions.slice(1) }],
  ['1: make 2 look1 was told after 2: make 2 look2', said, [received[0]!, received[2]!, received[1]!], {}],
  ['u: t is not there', said, received, { sessions: [] }],
  ['t was to be forgotten and is there', [...said, say('forget')], received, {}],
  ['an edit still waits', said, received, { unfinished: ['an edit still waits'] }],
  ['sessions/s/2 is named and not there', said, received, { blobs: ['sessions/s/1'] }],
  ['sessions/x/9 is there and nobody names it', said, received, { blobs: [...left.blobs, 'sessions/x/9'] }],
])('finds that %s', (what, events, messages, rows) => {
  expect(broken(events, messages, { ...left, ...rows })).toContainEqual(expect.stringContaining(what));
});
