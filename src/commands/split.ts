import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

export const split: Command = {
  name: 'split',
  help: 'make items of the separate pieces of one',
  examples: ['split 2', 'split the clouds'],
  parse(text, subject) {
    const match = /^(?:split|divide|separate) (.+?)(?: in (?:two|half|halves|2))?$/i.exec(text);
    return match ? asEdit({ kind: 'split', item: itemIndex(match[1]!, subject) }) : undefined;
  },
};
