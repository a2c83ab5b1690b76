import { UserError } from '../engine/errors.js';
import { asEdit, type Command } from './command.js';
import { itemIndex, splitAfterItem } from './items.js';

export const make: Command = {
  name: 'make',
  help: 'keep an item but say what is different about it',
  examples: ['make 3 red', 'make item 2 look happy'],
  parse(text, subject) {
    const rest = /^(?:make|paint|colou?r) (.+)$/i.exec(text)?.[1];
    if (!rest) return undefined;
    const { item, words } = splitAfterItem(rest.replace(/^item (\d+)/i, '$1'), subject);
    if (!words) throw new UserError('make it what? say for example "make 3 red"');
    return asEdit({ kind: 'augment', item: itemIndex(item, subject), words });
  },
};
