import type { Command } from './command.js';

const WORDS =
  /^(?:show(?: (?:me|it|items?|numbers|picture|the (?:picture|items|numbers)))?|overlay|items|list(?: items)?)\??$/i;

export const show: Command = {
  name: 'show',
  help: 'show the current picture with its numbers',
  examples: ['show'],
  parse: (text) => (WORDS.test(text) ? { kind: 'show' } : undefined),
};
