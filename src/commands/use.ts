import { UserError } from '../engine/errors.js';
import type { Command } from './command.js';

export const use: Command = {
  name: 'use',
  help: 'go on from one picture of the last strip',
  examples: ['use 2', 'take the number 2'],
  parse(text) {
    const match = /^(?:use|take|choose|pick|keep) (?:the )?(?:picture |number |no\.? |#)?(\d+)$/i.exec(text);
    if (!match) return undefined;
    const number = Number(match[1]);
    if (number < 1) throw new UserError('the pictures of a strip count from 1: say for example "use 2"');
    return { kind: 'use', number };
  },
};
