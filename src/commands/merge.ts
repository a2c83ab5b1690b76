import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex, NUMBER } from './items.js';

const VERBS = ['merge', 'join', 'combine', 'unite', 'group', 'fuse'];
const PATTERNS = [
  new RegExp(
    `^(?:${VERBS.join('|')}) (?:items? )?(.+?)(?: (?:and|with|into|to|&|\\+) ?| ?[,+&] ?)(.+?)(?: together| into one(?: item)?)?$`,
    'i',
  ),
  new RegExp(`^(?:${VERBS.join('|')}) (${NUMBER}) (${NUMBER})$`, 'i'),
  new RegExp(`^(${NUMBER}) ?\\+ ?(${NUMBER})$`, 'i'),
  /^make (.+?) and (.+?) one(?: item)?$/i,
];

export const merge: Command = {
  name: 'merge',
  help: 'make one item of two',
  examples: ['merge 2 and 5', 'join the hat with the dog'],
  verbs: VERBS,
  parse(text, subject) {
    const match = PATTERNS.map((pattern) => pattern.exec(text)).find((found) => found !== null);
    if (!match) return undefined;
    const [a, b] = [itemIndex(match[1]!, subject), itemIndex(match[2]!, subject)];
    if (a === b) throw new UserError('merging takes two different items: say for example "merge 2 and 5"');
    return asEdit({ kind: 'merge', a, b });
  },
};
