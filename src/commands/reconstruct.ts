import { asEdit, type Command } from './command.js';

const WORDS =
  /^(?:(?:reconstruct|rebuild|regenerate)(?: (?:it|all|everything|(?:the )?(?:whole |entire )?(?:picture|image|photo|scene)))?|redraw (?:it|all|everything|(?:the )?(?:whole |entire )?(?:picture|image|photo|scene)))$/i;

export const reconstruct: Command = {
  name: 'reconstruct',
  help: 'draw the whole picture again from the learned items',
  examples: ['reconstruct', 'redraw the whole picture'],
  parse: (text) => (WORDS.test(text) ? asEdit({ kind: 'reconstruct' }) : undefined),
};
