import { UserError } from '../engine/errors.js';
import type { Command } from './command.js';
import { itemIndex, splitAfterItem } from './items.js';

const LONGEST = 40;

export const rename: Command = {
  name: 'rename',
  help: 'call an item by another name',
  examples: ['rename 3 hat', 'call 2 the dog'],
  parse(text, subject) {
    const rest = /^(?:rename|call|name) (.+)$/i.exec(text)?.[1];
    if (!rest) return undefined;
    const { item, words } = splitAfterItem(rest, subject);
    const name = words.replace(/^(?:to|as|the|a|an|is|=) /i, '').trim();
    if (!name) throw new UserError('call it what? say for example "rename 3 hat"');
    if (/^\d+$/.test(name)) throw new UserError('a name cannot be a number: say for example "rename 3 hat"');
    return { kind: 'rename', item: itemIndex(item, subject), name: name.slice(0, LONGEST) };
  },
};
