import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { isNumber, itemIndex, namesItem, NUMBER } from './items.js';
import { sourceNamed } from './references.js';

const VERBS = ['swap', 'exchange', 'switch', 'trade'];
const PATTERNS = [
  new RegExp(
    `^(?:${VERBS.join('|')}) (?:(?:the )?(?:places?|positions?) (?:of|between) )?(?:items? )?(.+?)(?: ?, ?| (?:and|with|&|<->|for|-) )(.+?)(?: around| over| places| positions)?$`,
    'i',
  ),
  new RegExp(`^(?:${VERBS.join('|')}) (${NUMBER}) (${NUMBER})$`, 'i'),
  /^(.+?) ?<-> ?(.+)$/,
  /^(?:(?:let|make|have) )?(?:both )?(.+?) and (.+?) (?:change|swap|switch|trade|exchange) (?:places|positions|spots|sides)$/i,
];

export const swap: Command = {
  name: 'swap',
  help: 'let two items change places',
  examples: ['swap 2 and 4', 'swap the cat with the dog'],
  verbs: VERBS,
  parse(text, subject) {
    const match = PATTERNS.map((pattern) => pattern.exec(text)).find((found) => found !== null);
    // "swap 3 for a cat" puts something new there: see replace.ts
    if (!match || /^(?:an?|some) /i.test(match[2]!)) return undefined;
    // and so does "swap the cup for mug", where no mug is
    if (/ for /i.test(text) && !isNumber(match[2]!) && !namesItem(match[2]!, subject)) return undefined;
    const brought = sourceNamed(
      match[2]!,
      subject,
      namesItem(match[1]!, subject) ? subject.items[itemIndex(match[1]!, subject)]!.name : undefined,
    );
    if (brought) return asEdit({ kind: 'replaceWith', item: itemIndex(match[1]!, subject), with: brought });
    const [a, b] = [itemIndex(match[1]!, subject), itemIndex(match[2]!, subject)];
    if (a === b) throw new UserError('swapping takes two different items: say for example "swap 2 and 4"');
    return asEdit({ kind: 'swap', a, b });
  },
};
