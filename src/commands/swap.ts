import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

export const swap: Command = {
  name: 'swap',
  help: 'let two items change places',
  examples: ['swap 2 and 4', 'swap the cat with the dog'],
  parse(text, subject) {
    const match = /^(?:swap|exchange|switch) (.+?) (?:and|with|&) (.+)$/i.exec(text);
    return match
      ? asEdit({ kind: 'swap', a: itemIndex(match[1]!, subject), b: itemIndex(match[2]!, subject) })
      : undefined;
  },
};
