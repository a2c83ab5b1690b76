import type { Command } from './command.js';
import { itemIndex } from './items.js';

const OUTLINE = '(?:outline|mask|shape|edges?|border)';
const CHANGE = '(?:redraw|draw|edit|fix|change|correct|adjust|refine|improve|update|give me)';
const PATTERNS = [
  new RegExp(`^${CHANGE} (?:the |a new )?${OUTLINE} (?:of|for|around) (.+)$`, 'i'),
  new RegExp(`^${CHANGE} (.+?)(?:'s)? ${OUTLINE}$`, 'i'),
  new RegExp(`^(?:a )?new ${OUTLINE} (?:of|for) (.+)$`, 'i'),
  /^(?:reshape|refine|outline|mask|redraw) (.+)$/i,
];

export const reshape: Command = {
  name: 'reshape',
  help: "draw an item's new outline: a link to the mask editor, or attach a black-and-white picture",
  examples: ['reshape 3', 'redraw the outline of the cat'],
  verbs: ['reshape', 'refine', 'outline', 'mask', 'redraw'],
  parse(text, subject) {
    const match = PATTERNS.map((pattern) => pattern.exec(text)).find((found) => found !== null);
    return match ? { kind: 'reshape', item: itemIndex(match[1]!, subject) } : undefined;
  },
};
