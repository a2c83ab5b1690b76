import type { Command } from './command.js';

const WORDS = /^(?:undo|back|go back|revert|take (?:that|it) back)\??$/i;

export const undo: Command = {
  name: 'undo',
  help: 'go back to the picture before',
  examples: ['undo'],
  parse: (text) => (WORDS.test(text) ? { kind: 'undo' } : undefined),
};
