import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex } from './items.js';

export const resize: Command = {
  name: 'resize',
  help: 'make an item larger or smaller about its centre',
  examples: ['resize 3 150%', 'scale the cat to 60%', 'resize 2 x1.5'],
  parse(text, subject) {
    const match =
      /^(?:resize|scale) (.+?) (?:to |by )?(?:x ?(\d+(?:\.\d+)?)|(\d+(?:\.\d+)?) ?(?:%|percent))$/i.exec(
        text,
      );
    if (!match) return undefined;
    const scale = match[2] ? Number(match[2]) : Number(match[3]) / 100;
    if (scale < 0.1 || scale > 10)
      throw new UserError('sizes go from 10% to 1000%: say for example "resize 3 150%"');
    return asEdit({ kind: 'resize', item: itemIndex(match[1]!, subject), scale });
  },
};
