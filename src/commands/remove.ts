import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

export const remove: Command = {
  name: 'remove',
  help: 'take an item out; its neighbours fill the place',
  examples: ['remove 3', 'delete the cat', 'erase item 2', 'get rid of 2'],
  parse(text, subject) {
    const match = /^(?:remove|delete|erase|rm|get rid of|take (?:out|away)) (.+)$/i.exec(text);
    return match ? asEdit({ kind: 'remove', item: itemIndex(match[1]!, subject) }) : undefined;
  },
};
