import { UserError } from '../engine/errors.js';
import type { Command } from './command.js';

/** More pictures side by side than this are too small to tell apart. */
const MOST = 8;

export const again: Command = {
  name: 'again',
  help: 'do the last edit with another seed, or several side by side to choose from',
  examples: ['again', 'again 4', 'try again'],
  parse(text) {
    const match =
      /^(?:try |do (?:it|that) )?(?:again|once more|retry|another|reroll)(?: x?(\d+)(?: times)?)?$/i.exec(
        text,
      );
    if (!match) return undefined;
    const count = Number(match[1] ?? 1);
    if (count < 1 || count > MOST)
      throw new UserError(`again goes from 1 to ${MOST} pictures: say for example "again 4"`);
    return { kind: 'again', count };
  },
};
