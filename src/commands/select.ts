import { UserError } from '../engine/errors.js';
import type { Command } from './command.js';

const NOT_YET = 'this checkpoint cannot find things by words yet: draw the outline yourself with "reshape 3"';

export const select: Command = {
  name: 'select',
  help: 'make an item of something named in words (no checkpoint so far can)',
  examples: ['select the hat'],
  verbs: ['select', 'find', 'segment', 'detect'],
  parse(text) {
    if (/^(?:select|find|segment|detect|pick out|where(?: is|'s|s)) .+$/i.test(text))
      throw new UserError(NOT_YET);
    return undefined;
  },
};

export const add: Command = {
  name: 'add',
  help: 'add something named in words to an item (no checkpoint so far can)',
  examples: ['add the handle to 3'],
  verbs: ['add'],
  parse(text) {
    // "add a hat to 3" is about its looks: see make.ts
    if (/^add (?!an? |some ).+ to .+$/i.test(text)) throw new UserError(NOT_YET);
    return undefined;
  },
};
