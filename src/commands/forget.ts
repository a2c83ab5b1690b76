import type { Command } from './command.js';

const WORDS = /^(?:forget(?: (?:it|this|everything|all|me))?|delete (?:everything|all|this thread))\??$/i;

export const forget: Command = {
  name: 'forget',
  help: 'delete everything about this thread',
  examples: ['forget'],
  parse: (text) => (WORDS.test(text) ? { kind: 'forget' } : undefined),
};
