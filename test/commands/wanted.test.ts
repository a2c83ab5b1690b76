import { expect, it } from 'vitest';
import { captioned, wantedItems } from '../../src/commands/wanted.js';

it.each([
  ['dog, ball', ['dog', 'ball']],
  ['"the dog", a ball and my Straw Hat.', ['dog', 'ball', 'Straw Hat']],
  ['un chien; 猫\ntwo dogs & the   cat', ['un chien', '猫', 'two dogs', 'cat']],
])('%j names things to look for', (list, words) => {
  expect(wantedItems(list)).toEqual({ words, remarks: [] });
});

it.each([
  ['dog, Dog, ball', ['dog', 'ball'], /^"Dog" is said twice: I look for it once$/],
  ['dog, 3', ['dog'], /^"3" names nothing that I could look for$/],
  [`dog, ${'x'.repeat(50)}`, ['dog'], /^"x{30}…" is too long for a name/],
  ['a,b,c,d,e,f,g,h,i', [...'abcdefg'], /^I look for 7 things at most, and not for what comes after g: /],
  [' , "" ', [], /^That names nothing to look for, as "items: dog, ball" does/],
  ['', [], /^That names nothing/],
])('%j: what is not looked for is told', (list, words, remark) => {
  const { remarks, ...wanted } = wantedItems(list);
  expect(wanted).toEqual({ words });
  expect(remarks).toEqual([expect.stringMatching(remark)]);
});

it('a list of any length costs no more than its beginning, and says so', () => {
  const { words, remarks } = wantedItems('dog, '.repeat(300_000));
  expect(words).toEqual(['dog']);
  expect(remarks.at(-1)).toMatch(/^I look for 7 things at most/);
});

it.each([
  ['items: dog, ball', 'dog, ball', ''],
  ['Items: dog, ball. Remove the ball', 'dog, ball', 'Remove the ball'],
  ['items=dog, ball, then remove the ball', 'dog, ball', 'remove the ball'],
  ['make it warmer\nthe items: dog\nseed 7', 'dog', 'make it warmer\nseed 7'],
  ['remove all items: they are ugly', undefined, 'remove all items: they are ugly'],
  ['replace 2 with a cat', undefined, 'replace 2 with a cat'],
])('of the caption %j the list is %j', (caption, items, text) => {
  expect(captioned(caption)).toEqual(items === undefined ? { text } : { items, text });
});
