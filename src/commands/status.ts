import type { Command } from './command.js';

const WORDS = /^(?:status|progress|how (?:long|far)\??|are you there)\??$/i;

export const status: Command = {
  name: 'status',
  help: 'say what is being done and what waits',
  examples: ['status'],
  parse: (text) => (WORDS.test(text) ? { kind: 'status' } : undefined),
};
