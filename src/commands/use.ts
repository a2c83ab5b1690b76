import { UserError } from '../engine/errors.js';
import type { Command } from './command.js';
import { COUNT, counted, ORDINALS } from './counts.js';

const WHICH = `(?:the )?(?:picture |image |number |version |option |no\\.? ?|#)?(${COUNT}|(?:${ORDINALS.join('|')})(?= (?:one|picture|image|version|option)))(?:st|nd|rd|th)?(?: (?:one|picture|image|version|option))?`;
const TAKE_FIRST = new RegExp(`^(?:use|take|choose|pick) the (${ORDINALS.join('|')})$`, 'i');
const CHOOSE = new RegExp(
  `^(?:use|take|choose|pick|select|keep|i(?:'ll| will) (?:take|use|have)|(?:i )?(?:like|prefer)|i love|(?:let's )?(?:go|continue|go on) with) ${WHICH}(?: (?:best|better|more|most))?$`,
  'i',
);
/** "the second one", "number 2 is best": without a verb it must be clear that a picture of a strip is meant. */
const BEST = new RegExp(
  `^${WHICH} (?:is|looks) (?:the )?(?:best|better|nicest|nicer|good|perfect|great)(?: one)?$`,
  'i',
);
const ORDINAL = new RegExp(`^the (${ORDINALS.join('|')}) (?:one|picture|image|version|option)$`, 'i');

/** No strip has as many. */
const MOST = 99;

export const use: Command = {
  name: 'use',
  help: 'go on from one picture of the last strip',
  examples: ['use 2', 'take the number 2', 'pick the second one'],
  verbs: ['use', 'pick', 'choose', 'keep'],
  parse(text) {
    const said = (CHOOSE.exec(text) ??
      TAKE_FIRST.exec(text) ??
      BEST.exec(text) ??
      ORDINAL.exec(text))?.[1]?.toLowerCase();
    if (said === undefined) return undefined;
    const number = ORDINALS.indexOf(said) + 1 || counted(said);
    if (number < 1 || number > MOST)
      throw new UserError('the pictures of a strip count from 1: say for example "use 2"');
    return { kind: 'use', number };
  },
};
