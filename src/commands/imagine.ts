import { asEdit, type Command } from './command.js';
import { sourcesNamed, splitAfterSources } from './references.js';

const VERB = /^(?:imagine|envision|picture|dream of|dream) (.+)$/i;
const WHERE = '(?:on|in|at|under|over|near|by|behind|above|below|as|inside|underwater)';
/** "what would 3 look like on a beach", "draw 3 on a beach". */
const ASKED = new RegExp(
  `^(?:what (?:would|does|will) (.+?) look like|show (?:me )?(.+?)|draw (?!an? )(.+?)) (${WHERE} .+)$`,
  'i',
);

export const imagine: Command = {
  name: 'imagine',
  help: 'draw a new picture with learned items in it, of this picture or of a reference',
  examples: ['imagine 3 on a beach', 'imagine the dog in the snow', 'imagine 3 and B2 on a beach'],
  verbs: ['imagine'],
  parse(text, subject) {
    const [, a, b, c, where] = ASKED.exec(text) ?? [];
    if (where) return asEdit({ kind: 'imagine', of: sourcesNamed((a ?? b ?? c)!, subject), words: where });
    const rest = VERB.exec(text)?.[1];
    if (!rest) return undefined;
    const { sources, words } = splitAfterSources(rest, subject);
    return words || sources.length > 1 ? asEdit({ kind: 'imagine', of: sources, words }) : undefined;
  },
};
