import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

const VERBS = ['split', 'divide', 'separate', 'ungroup'];
const PATTERN = new RegExp(
  `^(?:${VERBS.join('|')}|break)(?: up)? (.+?)(?: up| apart)?(?: (?:in|into) (?:(?:its |separate |\\w+ )?(?:parts|pieces|items)|two|half|halves|2))?$`,
  'i',
);

export const split: Command = {
  name: 'split',
  help: 'make items of the separate pieces of one',
  examples: ['split 2', 'split the clouds'],
  verbs: VERBS,
  parse(text, subject) {
    const match = PATTERN.exec(text);
    return match ? asEdit({ kind: 'split', item: itemIndex(match[1]!, subject) }) : undefined;
  },
};
