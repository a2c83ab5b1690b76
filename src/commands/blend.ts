import { UserError } from '../engine/errors.js';
import type { Command } from './command.js';
import { itemIndex } from './items.js';

export const blend: Command = {
  name: 'blend',
  help: 'go part of the way from an item to something else',
  examples: ['blend 3 with a cat 40%', 'blend 3 with a cat'],
  parse(text, subject) {
    const match = /^(?:blend|mix) (.+?) with (.+?)(?: (\d+) ?%)?$/i.exec(text);
    if (!match) return undefined;
    const amount = Number(match[3] ?? 50) / 100;
    if (amount > 1)
      throw new UserError('a blend goes from 0% to 100%: say for example "blend 3 with a cat 40%"');
    return { kind: 'blend', item: itemIndex(match[1]!, subject), prompt: match[2]!, amount };
  },
};
