import { describe, expect, it } from 'vitest';
import { answered, Asking, isAnswer } from '../../src/commands/asking.js';
import type { Subject } from '../../src/commands/command.js';
import { commands, parse } from '../../src/commands/index.js';
import { type Edit, FOUND } from '../../src/engine/edits/index.js';
import { spoken, subject } from './fixtures.js';

describe('every command', () => {
  for (const command of commands) {
    it.each(command.examples)(`${command.name}: %s`, (example) => {
      const actions = parse(example, spoken);
      expect(command.parse(example, spoken)).toEqual(actions[0]);
      expect(actions).toHaveLength(1);
    });
  }
});

it.each([
  ['replace 3 with a golden retriever', { kind: 'replace', item: 2, prompt: 'a golden retriever' }],
  ['3→a pizza', { kind: 'replace', item: 2, prompt: 'a pizza' }],
  ['3️⃣ 🐶', { kind: 'replace', item: 2, prompt: '🐶' }],
  ['Replace the DOG with “a fox”', { kind: 'replace', item: 2, prompt: 'a fox' }],
  ['turn the cat into a lion!', { kind: 'replace', item: 1, prompt: 'a lion' }],
  ['remove 3', { kind: 'remove', item: 2 }],
  ['Delete item #2.', { kind: 'remove', item: 1 }],
  ['ｒｅｍｏｖｅ ３', { kind: 'remove', item: 2 }],
  ['move 3 left 40', { kind: 'move', item: 2, dx: -40, dy: 0 }],
  ['move 3 right 10%', { kind: 'move', item: 2, dx: 20, dy: 0 }],
  ['move 3 down 10 percent', { kind: 'move', item: 2, dx: 0, dy: 10 }],
  ['move 3 to 120,80', { kind: 'moveTo', item: 2, x: 120, y: 80 }],
  ['swap 2 and 4', { kind: 'swap', a: 1, b: 3 }],
  ['resize 3 150%', { kind: 'resize', item: 2, scale: 1.5 }],
  ['grow 3 8', { kind: 'grow', item: 2, pixels: 8 }],
  ['shrink the hat by 4 px', { kind: 'grow', item: 3, pixels: -4 }],
  ['make 3 red', { kind: 'look', items: [2], others: false, words: 'red' }],
  ['make the dog look happy', { kind: 'augment', item: 2, words: 'look happy' }],
  ['blend 3 with a cat 40%', { kind: 'blend', item: 2, prompt: 'a cat', amount: 0.4 }],
  ['imagine 3 on a beach', { kind: 'imagine', of: [{ item: 2 }], words: 'on a beach' }],
  ['reconstruct', { kind: 'reconstruct' }],
])('%s', (text, edit) => {
  expect(parse(text, subject)).toEqual([{ kind: 'edit', edit }]);
});

it.each([
  ['remove 9', 'there is no item 9: the picture has 1 brown background, 2 cat, 3 dog, 4 hat, 5 clouds'],
  ['remove the horse', 'there is no item "horse"'],
  ['move 3 left 0', 'move by how much?'],
  ['resize 3 5000%', 'sizes go from 10% to 1000%'],
  ['blend 3 with a cat 140%', 'a blend goes from 0% to 100%'],
  ['what a nice day', 'I do not understand "what a nice day": say for example'],
  ['', 'say what to change'],
])('%s is answered with what to do', (text, message) => {
  expect(() => parse(text, subject)).toThrow(message);
});

describe('what no item is called by is looked for', () => {
  const finding = { ...subject, finds: true };
  it.each([
    ['remove the necklace', { kind: 'remove', item: FOUND }],
    ['replace the necklace with a red scarf', { kind: 'replace', item: FOUND, prompt: 'a red scarf' }],
    ['make the necklace red', { kind: 'look', items: [FOUND], others: false, words: 'red' }],
    ['swap 2 and the necklace', { kind: 'swap', a: 1, b: FOUND }],
  ])('%s', (text, then) => {
    const edit = { kind: 'onFound', words: 'necklace', then };
    expect(parse(text, finding)).toEqual([{ kind: 'edit', edit }]);
    expect(() => parse(text, subject)).toThrow('there is no item');
  });

  it.each(['remove 9', 'swap the necklace and the ring', 'remove the necklace of the very old queen'])(
    'but not in %s',
    (text) => expect(() => parse(text, finding)).toThrow('there is no item'),
  );
});

it.each<[string, Edit, Edit]>([
  ['more', spoken.done, { kind: 'move', item: 2, dx: -20, dy: 0 }],
  ['a bit more', spoken.done, { kind: 'move', item: 2, dx: -10, dy: 0 }],
  ['less', spoken.done, { kind: 'move', item: 2, dx: 10, dy: 0 }],
  ['a bit more to the left', spoken.done, { kind: 'move', item: 2, dx: -10, dy: 0 }],
  ['further right', spoken.done, { kind: 'move', item: 2, dx: 20, dy: 0 }],
  ['make it smaller again', spoken.done, { kind: 'resize', item: 2, scale: 0.8 }],
  ['even bigger', spoken.done, { kind: 'resize', item: 2, scale: 1.25 }],
  ['darker please', spoken.done, { kind: 'look', items: [2], others: false, words: 'darker' }],
  ['a bit back', spoken.done, { kind: 'move', item: 2, dx: 5, dy: 0 }],
  ['the other way', spoken.done, { kind: 'move', item: 2, dx: 40, dy: 0 }],
  ['closer to the hat', spoken.done, { kind: 'moveBeside', item: 2, other: 3 }],
  ['still too big', spoken.done, { kind: 'resize', item: 2, scale: 0.8 }],
  ["that's a bit too big now", spoken.done, { kind: 'resize', item: 2, scale: 0.9091 }],
  ['too bright', spoken.done, { kind: 'look', items: [2], others: false, words: 'darker' }],
  ['rather blue', spoken.done, { kind: 'look', items: [2], others: false, words: 'blue' }],
  ['not red, blue', spoken.done, { kind: 'look', items: [2], others: false, words: 'blue' }],
  [
    'not so bright',
    { kind: 'look', items: [], others: true, words: 'brighter' },
    { kind: 'look', items: [2], others: false, words: 'darker' },
  ],
  ['put a hat on it', spoken.done, { kind: 'augment', item: 2, words: 'with a hat' }],
  ['a bit more', { kind: 'resize', item: 2, scale: 1.44 }, { kind: 'resize', item: 2, scale: 1.2 }],
  [
    'that was too much',
    { kind: 'look', items: [2], others: false, words: 'darker a little' },
    { kind: 'look', items: [2], others: false, words: '10% brighter' },
  ],
])('%s, after another edit', (text, done, edit) => {
  expect(parse(text, { ...spoken, done })).toEqual([{ kind: 'edit', edit }]);
});

it('lists may be numbered, and thanks may be signed', () => {
  const items = ['sky', 'dog', 'bag'].map((name) => ({ name }));
  for (const text of [
    '1. remove the dog\n2. make the bag red',
    '- remove the dog\n- make the bag red',
    'remove the dog\nmake the bag red\n\nThanks,\nAnn',
  ])
    expect(parse(text, { ...subject, items })).toEqual([
      { kind: 'edit', edit: { kind: 'remove', item: 1 } },
      { kind: 'edit', edit: { kind: 'look', items: [2], others: false, words: 'red' } },
    ]);
});

it('nothing is taken away by "it", whatever was spoken of', () => {
  for (const text of ['remove it', 'delete that', 'keep only it', 'crop to it'])
    expect(() => parse(text, spoken)).toThrow(/^(?:which item is|I do not understand)/);
});

it.each([
  ['remove the car', 'the left one', 'remove the left one'],
  ['remove the car', '2', 'remove 2'],
  ['remove the car', 'both', 'remove both car'],
  ['make it red, then remove 3', 'I mean the tree', 'make the tree red\nremove 3'],
  ['a bit to the right', 'the tree', 'move the tree a bit to the right'],
  ['darker', 'the tree', 'make the tree darker'],
  ['replace 4 with the cat in B', 'B2', 'replace 4 with B2'],
])('%s: which one? %s', (said, answer, whole) => {
  const items = ['road', 'left car', 'right car', 'tree'].map((name) => ({ name }));
  const references = [{ letter: 'B', items: [{ name: 'grass' }, { name: 'dog' }] }];
  const street = { width: 200, height: 100, items, references };
  const asking = asked(said, street);
  expect(isAnswer(answer, street)).toBe(true);
  expect(answered(asking.asked, asking.called, answer)).toBe(whole);
  expect(parse(whole, street).length).toBeGreaterThan(0);
});

function asked(text: string, about: Subject): Asking {
  try {
    parse(text, about);
  } catch (error) {
    if (error instanceof Asking) return error;
    throw error;
  }
  throw new Error(`"${text}" is done`);
}
