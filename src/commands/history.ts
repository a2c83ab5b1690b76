import type { Command } from './command.js';

const WORDS =
  /^(?:(?:(?:show|list|see|view)(?: me)? )?(?:the |my |all )?(?:history|log|edits|changes|versions)|(?:show|list|see|view)(?: me)? (?:the |my )?tree|what (?:did|have) (?:we|i|you) (?:do|done|change|changed)(?: so far)?)$/i;

export const history: Command = {
  name: 'history',
  help: 'list all pictures of this thread as a tree',
  examples: ['history', 'what did we do'],
  parse: (text) => (WORDS.test(text) ? { kind: 'history' } : undefined),
};
