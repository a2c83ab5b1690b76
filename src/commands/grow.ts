import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

export const grow: Command = {
  name: 'grow',
  help: "widen or narrow an item's outline by pixels",
  examples: ['grow 3 8', 'shrink 3 8', 'grow the hat by 4 px'],
  parse(text, subject) {
    const match = /^(grow|shrink) (.+?) (?:by )?(\d+) ?(?:px|pixels?)?$/i.exec(text);
    if (!match) return undefined;
    const pixels = Number(match[3]);
    if (pixels === 0)
      throw new UserError(`${match[1]} by how many pixels? say for example "${match[1]} 3 8"`);
    const sign = match[1]!.toLowerCase() === 'grow' ? 1 : -1;
    return asEdit({ kind: 'grow', item: itemIndex(match[2]!, subject), pixels: sign * pixels });
  },
};
