import type { Command } from './command.js';
import { itemIndex } from './items.js';

export const reshape: Command = {
  name: 'reshape',
  help: "draw an item's new outline: a link to the mask editor, or attach a black-and-white picture",
  examples: ['reshape 3', 'redraw the outline of the cat'],
  parse(text, subject) {
    const match = /^(?:reshape|refine|outline|redraw the (?:outline|mask|shape) of|mask) (.+)$/i.exec(text);
    return match ? { kind: 'reshape', item: itemIndex(match[1]!, subject) } : undefined;
  },
};
