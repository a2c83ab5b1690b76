import type { Command } from './command.js';

const WORDS = /^(?:cancel|stop|abort|never ?mind|forget (?:it|that))\??$/i;

export const cancel: Command = {
  name: 'cancel',
  help: 'stop what runs and what waits',
  examples: ['cancel'],
  parse: (text) => (WORDS.test(text) ? { kind: 'cancel' } : undefined),
};
