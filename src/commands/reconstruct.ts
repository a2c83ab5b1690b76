import { asEdit, type Command } from './command.js';

export const reconstruct: Command = {
  name: 'reconstruct',
  help: 'draw the whole picture again from the learned items',
  examples: ['reconstruct'],
  parse: (text) => (/^(?:reconstruct|rebuild)$/i.test(text) ? asEdit({ kind: 'reconstruct' }) : undefined),
};
