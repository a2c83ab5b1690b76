import { readFileSync } from 'node:fs';
import words from 'word-list';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/commands/command.js';
import { commands, parse } from '../../src/commands/index.js';
import { taking } from '../../src/commands/list.js';
import { near } from '../../src/commands/spelling.js';
import { UserError } from '../../src/engine/errors.js';
import { subject } from './fixtures.js';

/** What takes something away, from the picture or from where one stands. */
const TAKES = new Set(['remove', 'keepOnly', 'crop', 'use', 'cancel', 'undo', 'redo', 'forget', 'forgetMe']);
const VERBS = taking.flatMap(({ name, verbs = [name] }) => [name, ...verbs]);
/** Ways to go on after the word. */
const FRAMES = [
  (word: string) => word,
  (word: string) => `${word} 3`,
  (word: string) => `${word} the dog`,
  (word: string) => `${word} 3 left 40`,
];

const kindOf = (action: Action): string => (action.kind === 'edit' ? action.edit.kind : action.kind);

/** What is done; undefined when it is refused or asked about. */
function done(message: string): string[] | undefined {
  try {
    return parse(message, subject).map(kindOf);
  } catch (error) {
    expect(error, message).toBeInstanceOf(UserError);
    return undefined;
  }
}

/** Whether a command has a rule for these very words. */
const isSaidSo = (message: string): boolean =>
  commands.some((command) => {
    try {
      return command.parse(message, subject) !== undefined;
    } catch {
      return false;
    }
  });

describe('every English word within spelling distance of one that takes something away', () => {
  const english = readFileSync(words, 'utf8').split('\n');
  const neighbours = english.filter((word) => near(word, VERBS).length > 0);

  it('is what it says, or asked about: nothing is done by a guess', () => {
    expect(neighbours.length).toBeGreaterThan(500);
    for (const word of ['crop', 'remake', 'love', 'drop']) expect(neighbours).toContain(word);
    const took = new Set<string>();
    for (const word of neighbours)
      for (const frame of FRAMES) {
        const [message, kinds] = [frame(word), done(frame(word))];
        if (!kinds) continue;
        if (kinds.some((kind) => TAKES.has(kind))) took.add(word);
        // "removing 3" has no rule of its own, and is no guess
        else expect(isSaidSo(message), message).toBe(true);
      }
    // each of these says so itself
    expect([...took].sort().join(' ')).toMatchInlineSnapshot(
      `"cancel choose clear crop del delete discard drop eliminate erase forget hide keep kill lose pick redo remove take trim undo use wipe"`,
    );
  });

  it.each([
    ['crop 3', 'crop'],
    ['drop 3', 'remove'],
    ['remove 3', 'remove'],
    ['removing 3', 'remove'],
  ])('%s does what it says', (message, kind) => expect(done(message)).toEqual([kind]));

  it.each([
    'remake 3',
    'love the dog',
    'love 3 left 40',
    'remover 3',
    'forgot',
    'muse 2',
    'cancels',
    'undone',
  ])('%s does nothing', (message) => expect(done(message)).toBeUndefined());
});
