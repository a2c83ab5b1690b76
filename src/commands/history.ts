import type { Command } from './command.js';

const WORDS = /^(?:history|log|tree|what did we do)\??$/i;

export const history: Command = {
  name: 'history',
  help: 'list all pictures of this thread as a tree',
  examples: ['history'],
  parse: (text) => (WORDS.test(text) ? { kind: 'history' } : undefined),
};
