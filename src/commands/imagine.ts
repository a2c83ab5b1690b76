import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

export const imagine: Command = {
  name: 'imagine',
  help: 'draw a new picture with a learned item in it',
  examples: ['imagine 3 on a beach', 'imagine the dog in the snow'],
  parse(text, subject) {
    const match = /^imagine (.+?) ((?:on|in|at|under|over|near|with|by|behind|above|below) .+)$/i.exec(text);
    return match
      ? asEdit({ kind: 'imagine', item: itemIndex(match[1]!, subject), words: match[2]! })
      : undefined;
  },
};
