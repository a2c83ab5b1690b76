import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

export const merge: Command = {
  name: 'merge',
  help: 'make one item of two',
  examples: ['merge 2 and 5', 'join the hat with the dog'],
  parse(text, subject) {
    const match = /^(?:merge|join|combine|unite) (.+?)(?: (?:and|with|into|&|\+) |, ?)(.+)$/i.exec(text);
    if (!match) return undefined;
    const [a, b] = [itemIndex(match[1]!, subject), itemIndex(match[2]!, subject)];
    if (a === b) throw new UserError('merging takes two different items: say for example "merge 2 and 5"');
    return asEdit({ kind: 'merge', a, b });
  },
};
