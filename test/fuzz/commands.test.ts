import { expect, it } from 'vitest';
import { itemVerbs } from '../../src/bot/itemVerbs.js';
import type { Action } from '../../src/commands/command.js';
import { commands, parse } from '../../src/commands/index.js';
import { UserError } from '../../src/engine/errors.js';
import { subject } from '../commands/fixtures.js';
import { costOf } from '../support/rules.js';
import { fuzz, mutate, oneOf, type Random } from './harness.js';

/** What stands where an example has a number, an item, a word. */
const NUMBERS = [
  '0',
  '1',
  '2',
  '3',
  '5',
  '6',
  '40',
  '99',
  '1e9',
  '-3',
  '0.5',
  '9'.repeat(30),
  '٣',
  '３',
  'two',
];
const ITEMS = [
  'cat',
  'the hat',
  'brown background',
  'clouds',
  'item 2',
  '#3',
  'B2',
  'the last one',
  'it',
  '3️⃣',
];
const THINGS = [
  'a cat',
  'B1',
  'the dog of B',
  'red',
  '🐶',
  '"a, b and c"',
  'nothing',
  'a cat and a dog',
  'x'.repeat(300),
];
const JOINTS = [', ', ' and ', ', then ', '; ', '\n', '. ', ' & ', ' + ', ' ', ''];
const NOISE = [
  'please',
  'hey dedit,',
  '<@42>',
  'could you',
  '!',
  '?',
  '...',
  '(',
  '"',
  '\0',
  '\ud800',
  '\u202e',
  ':dog:',
  '%',
];
const EXAMPLES = commands.flatMap(({ examples }) => examples);

/** A saying of the command table, with other numbers, items and things in the places of its own. */
function saying(random: Random): string {
  return oneOf(random, EXAMPLES)
    .split(' ')
    .map((word) => {
      if (/\d/.test(word) && random(3) === 0) return word.replace(/\d+/, oneOf(random, NUMBERS));
      if (/^\d+$/.test(word) && random(4) === 0) return oneOf(random, ITEMS);
      if (random(12) === 0) return oneOf(random, THINGS);
      if (random(20) === 0) return mutate(Buffer.from(word), random).toString();
      return random(20) ? word : oneOf(random, NOISE);
    })
    .join(random(15) ? ' ' : oneOf(random, ['\u00a0', '  ', '', '\t']));
}

const message = (random: Random): string =>
  Array.from({ length: 1 + random(random(3) ? 2 : 8) }, () => saying(random)).join(oneOf(random, JOINTS));

/** As the menus of items say it, of what they can say. */
function canonical(action: Action): string | undefined {
  const say = (verb: string, item: number, words = ''): string =>
    itemVerbs.find((known) => known.verb === verb)!.say(item + 1, words);
  if (action.kind === 'reshape') return say('reshape', action.item);
  if (action.kind === 'set' && action.setting === 'redraw') return `redraw ${100 * action.value}%`;
  if (action.kind === 'set') return `${action.setting} ${action.value}`;
  if (action.kind === 'use') return `use ${action.number}`;
  if (action.kind === 'cutOut')
    return action.items.length === 1 ? say('cutout', action.items[0]!) : undefined;
  if (action.kind !== 'edit') return undefined;
  const { edit } = action;
  switch (edit.kind) {
    case 'remove':
      return say('remove', edit.item);
    case 'moveTo':
      // at a side it stays as high as it is, or as far to the left
      return edit.x === undefined || edit.y === undefined
        ? undefined
        : say('move', edit.item, `to ${edit.x},${edit.y}`);
    case 'swap':
      return `swap ${edit.a + 1} and ${edit.b + 1}`;
    case 'replaceWith':
      // its words may be anything: phrasings.txt has the usual ones
      return edit.words
        ? undefined
        : say('replace', edit.item, `${edit.with.picture ?? ''}${edit.with.item + 1}`);
    default:
      return undefined;
  }
}

it('whatever is said is understood or refused, at a cost that its length bounds, and can be said again', async () => {
  await fuzz('commands', (random) => {
    const said = message(random);
    let actions: Action[] = [];
    const { applications, characters } = costOf(() => {
      try {
        actions = parse(said, subject);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    });
    // as in commands/bounds.test.ts
    expect(applications, said).toBeLessThan(16_000 + 4 * said.length);
    expect(characters, said).toBeLessThan(120_000 + 200 * said.length);
    for (const action of actions) {
      const again = canonical(action);
      if (again !== undefined) expect(parse(again, subject), `${said} -> ${again}`).toEqual([action]);
    }
  });
});
