import { describe, expect, it } from 'vitest';
import { commands, parse } from '../../src/commands/index.js';
import { action, sections, spoken, subject } from './fixtures.js';

const all = sections('phrasings.txt');

describe.each(all)('$head', ({ head, messages }) => {
  it.each(messages)('%s', (message) => {
    expect(parse(message, subject)).toEqual(head.map(action));
  });
});

it('there are many, for every command that can be done', () => {
  expect(all.flatMap(({ messages }) => messages).length).toBeGreaterThanOrEqual(200);
  const covered = all.flatMap(({ head }) => head).join('\n');
  const undone = commands.filter(({ examples }) => {
    const [first] = parse(examples[0]!, spoken);
    const kind = first!.kind === 'edit' ? first!.edit.kind : first!.kind;
    return !covered.includes(`${kind} {`);
  });
  expect(undone.map(({ name }) => name)).toEqual([]);
});
