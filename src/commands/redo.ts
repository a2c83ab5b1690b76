import type { Command } from './command.js';

const WORDS = /^(?:redo|forward)\??$/i;

export const redo: Command = {
  name: 'redo',
  help: 'go forward again after an undo',
  examples: ['redo'],
  parse: (text) => (WORDS.test(text) ? { kind: 'redo' } : undefined),
};
