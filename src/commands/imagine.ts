import { asEdit, type Command } from './command.js';
import { itemIndex, splitAfterItem } from './items.js';

const VERB = /^(?:imagine|envision|picture|dream of|dream) (.+)$/i;
const WHERE = '(?:on|in|at|under|over|near|by|behind|above|below|as|inside|underwater)';
/** "what would 3 look like on a beach", "draw 3 on a beach". */
const ASKED = new RegExp(
  `^(?:what (?:would|does|will) (.+?) look like|show (?:me )?(.+?)|draw (?!an? )(.+?)) (${WHERE} .+)$`,
  'i',
);

export const imagine: Command = {
  name: 'imagine',
  help: 'draw a new picture with a learned item in it',
  examples: ['imagine 3 on a beach', 'imagine the dog in the snow'],
  verbs: ['imagine'],
  parse(text, subject) {
    const [, a, b, c, where] = ASKED.exec(text) ?? [];
    if (where) return asEdit({ kind: 'imagine', item: itemIndex((a ?? b ?? c)!, subject), words: where });
    const rest = VERB.exec(text)?.[1];
    if (!rest) return undefined;
    const { item, words } = splitAfterItem(rest, subject);
    return words ? asEdit({ kind: 'imagine', item: itemIndex(item, subject), words }) : undefined;
  },
};
