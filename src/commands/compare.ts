import type { Command } from './command.js';

const WORDS = /^(?:compare|diff|before(?: and | )after)\??$/i;

export const compare: Command = {
  name: 'compare',
  help: 'show the picture before and after',
  examples: ['compare'],
  parse: (text) => (WORDS.test(text) ? { kind: 'compare' } : undefined),
};
