import { UserError } from '../engine/errors.js';
import type { Command } from './command.js';
import { COUNT, counted } from './counts.js';

/** More pictures side by side than this are too small to tell apart. */
const MOST = 8;
const OFTEN = `(?:x ?)?(${COUNT})(?:x| times)?`;
/** "again 4", "try that again", "one more time". */
const AGAIN = new RegExp(
  `^(?:(?:try|do|run|go) (?:(?:it|that|this|the last one) )?)?(?:again|once more|once again|one more(?: time)?|retry|reroll|repeat(?: that| it)?|(?:make |draw )?another(?: one| try| version| go)?|try another(?: one)?|(?:a |try a )?different(?: one| version| seed)|(?:a |try a |with a )?(?:new|another|random) seed|🔁)(?: (?:with |using )?(?:another|a new|a different|a random|other) seeds?|,? but (?:a (?:bit|little) )?different(?:ly)?)?(?:,? ${OFTEN})?$`,
  'i',
);
/** "a few options": some to choose from. */
const SOME =
  /^(?:(?:give|show|make|try)(?: me)? )?(?:a few|some|several|more|other|different)(?: more| other| different)? (?:versions|variants|variations|options|tries|alternatives)(?: of (?:it|that))?$/i;
const SOME_ARE = 4;
/** "4 more", "give me three versions". */
const MORE = new RegExp(
  `^(?:(?:give|show|make|try)(?: me)? )?${OFTEN} (?:more|others?|versions?|variants?|variations?|options?|tries|different ones|alternatives?)(?: of (?:it|that))?$`,
  'i',
);

export const again: Command = {
  name: 'again',
  help: 'do the last edit with another seed, or several side by side to choose from',
  examples: ['again', 'again 4', 'try again'],
  verbs: ['again', 'repeat', 'retry', 'reroll', 'another'],
  parse(text) {
    if (SOME.test(text)) return { kind: 'again', count: SOME_ARE };
    const match = MORE.exec(text) ?? AGAIN.exec(text);
    if (!match) return undefined;
    const count = counted(match[1] ?? '1');
    if (count < 1 || count > MOST)
      throw new UserError(`again goes from 1 to ${MOST} pictures: say for example "again 4"`);
    return { kind: 'again', count };
  },
};
