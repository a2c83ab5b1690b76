import { expect, it } from 'vitest';
import { commands, commandsPage, helpText, parse } from '../../src/commands/index.js';
import { groups } from '../../src/commands/list.js';
import { subject } from './fixtures.js';

it('the help fits into one message of Discord, which takes 2000 characters', () => {
  expect(helpText().length).toBeLessThan(1900);
});

it('the help has every command, once', () => {
  const listed = groups.flatMap((group) => group.commands);
  expect(listed.map(({ name }) => name).sort()).toEqual(commands.map(({ name }) => name).sort());
  for (const { examples } of commands) expect(helpText()).toContain(`"${examples[0]}"`);
});

it('there is help on every command, also by another word for it', () => {
  for (const { name, verbs = [], help } of commands) {
    expect(helpText(name)).toContain(help);
    expect(parse(`help ${name}`, subject)).toEqual([{ kind: 'help', topic: name }]);
    for (const verb of verbs) expect(helpText(verb)).not.toBe(helpText());
  }
  expect(helpText('wibble')).toBe(helpText());
});

it('docs/commands.md is what the commands say: npx vitest run test/commands -u writes it', async () => {
  await expect(commandsPage()).toMatchFileSnapshot('../../docs/commands.md');
});
