import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { NUMBER } from './items.js';
import { itemIndices } from './several.js';

const VERBS = ['merge', 'join', 'combine', 'unite', 'group', 'fuse'];
const PATTERNS = [
  new RegExp(`^(?:${VERBS.join('|')}) (${NUMBER}(?: ${NUMBER})+)$`, 'i'),
  new RegExp(`^(?:${VERBS.join('|')}) (?:items? )?(.+?)(?: together| into one(?: item)?)?$`, 'i'),
  new RegExp(`^(${NUMBER}(?: ?\\+ ?${NUMBER})+)$`, 'i'),
  /^make (.+ and .+?) one(?: item)?$/i,
  /^(.+ and .+?) (?:belong together|are (?:one|the same)(?: (?:item|thing))?|are one and the same)$/i,
];
/** What stands between the items, as one word for all of it. */
const BETWEEN = new RegExp(
  `,? and (?:with )?|,? (?:with|into|to) | ?[,+&] ?|(?<=\\d) (?=${NUMBER}$|${NUMBER} )`,
  'gi',
);

export const merge: Command = {
  name: 'merge',
  help: 'make one item of two or more; it keeps the name of the first',
  examples: ['merge 2 and 5', 'merge 2, 3 and 4', 'join the hat with the dog'],
  verbs: VERBS,
  parse(text, subject) {
    const named = PATTERNS.map((pattern) => pattern.exec(text)?.[1]).find((found) => found !== undefined);
    const listed = named?.replace(BETWEEN, ' and ');
    if (!listed?.includes(' and ')) return undefined;
    const items = itemIndices(listed, subject);
    if (items.length < 2)
      throw new UserError('merging takes two different items: say for example "merge 2 and 5"');
    return asEdit({ kind: 'merge', items });
  },
};
