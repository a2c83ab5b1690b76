import { UserError } from '../engine/errors.js';
import type { Action, Command, Subject } from './command.js';
import { itemIndex, namesItem, NUMBER, shortened, splitAfterItem } from './items.js';

const LONGEST = 40;
const VERB = /^(?:rename|call|name|label|relabel) (.+)$/i;
/** "3 is a hat"; "the dog is a good boy" is no wish. */
const IS = new RegExp(
  `^(${NUMBER}) is (?:actually |really )?(?:called |named |(?=(?:an?|the) ))([\\p{L}\\p{N} -]+)$`,
  'iu',
);
/** "the bag is number 4"; names are one or two words. */
const NUMBERED = new RegExp(
  `^(?:the |my |a |an )?(\\p{L}[\\p{L}'-]*(?: \\p{L}[\\p{L}'-]*)?) is (?:item |number |no\\.? ?|#)(\\d+)$`,
  'iu',
);
const CALLED = /^(.+?) (?:should be|to be|must be|be) (?:called|named) (.+)$/i;

export const rename: Command = {
  name: 'rename',
  help: 'call an item by another name',
  examples: ['rename 3 hat', 'call 2 the dog'],
  verbs: ['rename', 'call', 'name', 'label', 'relabel'],
  parse(text, subject) {
    const rest = VERB.exec(text)?.[1];
    if (rest) {
      const { item, words } = splitAfterItem(rest.replace(/^(?:item |number )(?=\d)/i, ''), subject);
      return renamed(item, words, subject);
    }
    const [, called, number] = NUMBERED.exec(text) ?? [];
    if (called && number) return renamed(number, called, subject);
    const [, item, name] = CALLED.exec(text) ?? IS.exec(text) ?? [];
    const said = item && name && namesItem(item, subject);
    return said ? renamed(item, name, subject) : undefined;
  },
};

function renamed(item: string, words: string, subject: Subject): Action {
  const name = words
    .replace(/^(?:->|[:=]) ?/, '')
    .replace(/^(?:(?:to|as|the|a|an|is|into)(?: |$))+/i, '')
    .trim();
  if (!/[\p{L}\p{Extended_Pictographic}]/u.test(name))
    throw new UserError(
      /\d/.test(name)
        ? 'a name cannot be a number: say for example "rename 3 hat"'
        : 'call it what? say for example "rename 3 hat"',
    );
  return { kind: 'rename', item: itemIndex(item, subject), name: shortened(name, LONGEST) };
}
