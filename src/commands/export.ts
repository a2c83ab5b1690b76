import type { Command } from './command.js';

const WORDS = /^(?:export|download|save|give me (?:the )?files?)\??$/i;

export const exportFiles: Command = {
  name: 'export',
  help: 'send the picture, overlay, label map and items as files',
  examples: ['export'],
  parse: (text) => (WORDS.test(text) ? { kind: 'export' } : undefined),
};
