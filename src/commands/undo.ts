import type { Command } from './command.js';

const LAST =
  '(?:it|that|this|last|the last (?:one|edit|change|step|thing)|my last (?:edit|change)|(?:one|a) step)';
const WORDS = new RegExp(
  `^(?:(?:undo|revert|take back|roll ?back)(?: ${LAST})?|take (?:it|that) back|(?:go |step |(?:one|a) step )?back(?: (?:one|a|1) step)?|(?:go )?(?:back )?to the previous (?:one|picture|version)|previous|ctrl[ +-]?z|put it back|↩)$`,
  'i',
);

export const undo: Command = {
  name: 'undo',
  help: 'go back to the picture before',
  examples: ['undo', 'go back', 'undo that'],
  parse: (text) => (WORDS.test(text) ? { kind: 'undo' } : undefined),
};
