import { describe, expect, it } from 'vitest';
import { commands, parse } from '../../src/commands/index.js';
import { FOUND } from '../../src/engine/edits/index.js';
import { subject } from './fixtures.js';

describe('every command', () => {
  for (const command of commands) {
    it.each(command.examples)(`${command.name}: %s`, (example) => {
      const actions = parse(example, subject);
      expect(command.parse(example, subject)).toEqual(actions[0]);
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
