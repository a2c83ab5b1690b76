import type { Command } from './command.js';

const WORDS =
  /^(?:redo(?: (?:it|that|this|the last (?:one|edit|change)))?|(?:go |step )?forward|undo (?:the|that|my) undo|undo undo|ctrl[ +-]?y)$/i;

export const redo: Command = {
  name: 'redo',
  help: 'go forward again after an undo',
  examples: ['redo', 'go forward'],
  parse: (text) => (WORDS.test(text) ? { kind: 'redo' } : undefined),
};
